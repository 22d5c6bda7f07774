import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { runFile } from '../../scripts/student/run-file.ts';
import { loadPart } from '../src/course-file.ts';
import { renumberedMessage, swappedSizes } from '../src/edition/bytes.ts';
import { chooseEdition } from '../src/edition/choose.ts';
import { otherEditionHint } from '../src/edition/foreign-name.ts';
import { halfSipHashOfBytes, hashVector } from '../src/edition/half-sip-hash.ts';
import { editionKit } from '../src/edition/kit.ts';
import { loadEditionTable } from '../src/edition/table.ts';
import { makeHandout } from '../src/handout/make.ts';
import { writeUpdate } from '../src/handout/update.ts';

const root = join(import.meta.dirname, '../..');
const table = loadEditionTable(root);
/** One for each order of bytes. */
const years = ['2026', '2028'];
/** The graded tests that need no network: the others take minutes. */
const quickTests = [
  'part1/test/list.test.ts',
  'part1/test/table.test.ts',
  'part1/test/serialization.test.ts',
  'part2/test/wire.test.ts',
  'part2/test/skeleton.test.ts',
  'part2/test/request-pipeline.test.ts',
];

t.setTimeout(300_000);

/** A folder of its own for each call. */
function newFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'tablelab-edition-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Kits of editions go to a cache of this test's own.
const cache = newFolder(t);
process.env.XDG_CACHE_HOME = cache;

t.test('an edition follows from its name alone; other names give other editions', async (t) => {
  const text = (name: string) => {
    const { name: _, ...choices } = chooseEdition(name, table);
    return JSON.stringify(
      Object.values(choices).map((choice) => (choice instanceof Map ? [...choice] : choice)),
    );
  };
  t.equal(text('2026'), text('2026'));
  const names = Array.from({ length: 40 }, (_, index) => String(2020 + index));
  t.equal(new Set(names.map(text)).size, names.length);
  for (const name of cases(t, names)) {
    const { opcodes, fields, names: renamed } = chooseEdition(name, table);
    t.same([...opcodes.keys()].sort(), [...opcodes.values()].sort(), 'opcodes are exchanged');
    t.equal(new Set(fields.values()).size, fields.size, 'no two fields have one number');
    t.same(
      [...fields.values()],
      [...fields.values()].sort((one, other) => one - other),
      'fields keep their order',
    );
    for (const [old, now] of renamed) t.not(old, now);
  }
  t.same([...new Set(years.map((year) => chooseEdition(year, table).byteOrder))].sort(), [
    'big-endian',
    'little-endian',
  ]);
});

t.test('the hash that gives the vectors is HalfSipHash', async (t) => {
  // The Linux kernel's vectors for a 32-bit hsiphash.
  const vectors = [
    0x5814c896, 0xe7e864ca, 0xbc4b0e30, 0x01539939, 0x7e059ea6, 0x88e3d89b, 0xa0080b65, 0x9d38d9d6,
    0x577999b1,
  ];
  const rounds = { wordRounds: 1, finalRounds: 3 };
  for (const [length, hash] of cases(t, vectors.entries())) {
    const bytes = Uint8Array.from({ length }, (_, index) => index);
    t.equal(halfSipHashOfBytes(bytes, [0x03020100, 0x07060504], rounds), hash, `${length} bytes`);
  }
  t.equal(hashVector(0, 3), '0x5814c896');
});

t.test(
  'bytes in hexadecimal become those of an edition, malformed ones as far as they can be read',
  async (t) => {
    for (const [before, after] of cases(t, [
      ['00000003616263', '03000000616263'],
      ['000000026b0000000001ff', '020000006b0001000000ff'],
      ['000000', '000000'],
      ['ffffffff6b00', 'ffffffff6b00'],
      ['40000000', '00000040'],
      ['0000000100ffff', '0100000000ffff'],
    ] as const)) {
      t.equal(swappedSizes(before), after, before);
    }
    const numbers = {
      fields: new Map([
        [3, 4],
        [5, 7],
        [16, 20],
      ]),
      opcodes: new Map([
        [30, 40],
        [40, 30],
      ]),
    };
    for (const [before, after] of cases(t, [
      ['081e100a1a0161', '0828100a220161'],
      ['0829101e2a0100', '081f101e3a0100'],
      ['0863103c', '0863103c'],
      ['80010a', 'a0010a'],
      ['1a05', '2205'],
      ['ffffffffffff', 'ffffffffffff'],
    ] as const)) {
      t.equal(renumberedMessage(before, numbers), after, before);
    }
  },
);

for (const year of years) {
  t.test(`edition ${year}: the reference passes, and the solution of the year before does not`, async (t) => {
    const { root: kit } = editionKit(root, year);
    for (const file of cases(t, quickTests)) {
      const { tests, problem } = await runFile(kit, file).result;
      t.equal(problem, undefined, file);
      t.same(
        tests.filter(({ state }) => state !== 'passed'),
        [],
        file,
      );
    }
    t.equal(editionKit(root, year).root, kit, 'it is made once');

    const old = oldSolution(t, kit);
    for (const file of cases(t, ['part1/test/table.test.ts', 'part2/test/skeleton.test.ts'])) {
      const { tests, problem } = await runFile(old, file).result;
      const isLost = problem !== undefined || tests.some(({ state }) => state !== 'passed');
      t.ok(isLost, `${file} with the solution of another edition`);
    }
  });
}

/** The kit of an edition, with what a student writes as it is in the kit without an edition. */
function oldSolution(t: Test, kit: string): string {
  const folder = join(newFolder(t), 'kit');
  cpSync(kit, folder, { recursive: true, filter: (file) => !/node_modules|\.git$/.test(file) });
  mkdirSync(join(folder, 'node_modules/@tablelab'), { recursive: true });
  for (const name of readdirSync(join(kit, 'node_modules'))) {
    if (name !== '@tablelab')
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
  for (const name of ['shared', 'part1', 'part2', 'part3', 'part4']) {
    symlinkSync(join(folder, name), join(folder, 'node_modules/@tablelab', name));
  }
  for (const file of [1, 2].flatMap(written)) cpSync(join(root, file), join(folder, file));
  return folder;
}

function written(part: number): string[] {
  return loadPart(part, root).steps.flatMap(({ write }) => write.map(({ file }) => file));
}

t.test(
  'a hand-out of an edition says so, in both languages, and its update is of the same edition',
  async (t) => {
    const [year = ''] = years;
    const { root: kit, edition } = editionKit(root, year);
    const out = join(newFolder(t), 'out');
    makeHandout(kit, { part: 2, edition: year, out });
    t.equal(JSON.parse(readFileSync(join(out, 'handout.json'), 'utf8')).edition, year);
    const readme = readFileSync(join(out, 'part2/README.md'), 'utf8');
    t.match(readme, `**Edition ${year}.**`);
    t.match(readme, `\`data\` ${edition.fields.get('data')}`);
    t.notMatch(readme, /\bOP_[A-Z]/, 'no name of another edition');
    const proto = readFileSync(join(out, 'shared/proto/sdmessage.proto'), 'utf8');
    const [, opcode = ''] = / \w+_SIZE = (\d+);/.exec(proto) ?? [];
    const hex = Number(opcode).toString(16).padStart(2, '0');
    t.match(readme, new RegExp(`^ +04   08 ${hex}   10 3c$`, 'm'), 'the frame that is explained');
    t.match(readme, new RegExp(`varint: ${opcode} = \\w+_SIZE`));
    t.equal(writeUpdate(root, out, join(newFolder(t), 'patch')), false, 'nothing has changed');
    const portuguese = join(newFolder(t), 'out');
    makeHandout(kit, { part: 1, edition: year, language: 'pt', out: portuguese });
    t.match(readFileSync(join(portuguese, 'part1/README.md'), 'utf8'), `**Edição ${year}.**`);
  },
);

t.test('a submission of another edition is recognized by its names', async (t) => {
  const [year = ''] = years;
  const { root: kit } = editionKit(root, year);
  const texts = (folder: string) =>
    new Map([1, 2].flatMap(written).map((file) => [file, readFileSync(join(folder, file))]));
  const given = (folder: string) => [...texts(folder).values()].map(String);
  const hint = (graded: string, edition: string | undefined, submitted: string) =>
    otherEditionHint(root, edition, { given: given(graded), files: texts(submitted) });
  t.equal(
    hint(kit, year, root),
    `The submission seems to be of another edition: part1/src/table.ts uses hashKey, which edition ${year} does not have.`,
  );
  t.match(hint(root, undefined, kit), /uses \w+, which the kit without an edition does not have/);
  t.equal(hint(kit, year, kit), undefined);
  t.equal(hint(root, undefined, root), undefined);
});

t.test('a name for an edition is one for a folder, too', async (t) => {
  for (const name of cases(t, ['', '..', 'a/b', 'x'.repeat(41)])) {
    t.throws(() => editionKit(root, name), { name: 'UsageError' }, name);
  }
});
