import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { create as createTar } from 'tar';
import { SubmissionError, takeSubmission } from '../src/grade/intake.ts';

const wanted = ['part1/src/list.ts', 'part1/src/entry.ts'];
const list = 'export class List {}\n';
const entry = 'export const entry = 1;\n';
const refusal = (message: RegExp) => ({ constructor: SubmissionError, message });

function folderWith(t: Test, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tablelab-intake-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const both = { 'part1/src/list.ts': list, 'part1/src/entry.ts': entry };

async function taken(path: string) {
  const { files, missing } = await takeSubmission(path, wanted);
  return { files: Object.fromEntries([...files].map(([name, content]) => [name, String(content)])), missing };
}

/** Python writes entries that well-behaved programs do not. */
function python(script: string, ...args: string[]): void {
  execFileSync('python3', ['-c', script, ...args]);
}

const zipOf = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
  for name, content in zip(sys.argv[2::2], sys.argv[3::2]): z.writestr(name, content)
`;

t.test('a folder: only the files that the steps name', async (t) => {
  const folder = folderWith(t, { ...both, 'part1/test/list.test.ts': 'mine', 'package.json': '{}' });
  t.same(await taken(folder), { files: both, missing: [] });
  const half = folderWith(t, { 'part1/src/list.ts': list });
  t.same(await taken(half), { files: { 'part1/src/list.ts': list }, missing: ['part1/src/entry.ts'] });
  await t.rejects(
    taken(folderWith(t, { 'x.ts': '' })),
    refusal(/none of the files to hand in is there: part1/),
  );
  await t.rejects(taken(join(folder, 'absent')), refusal(/there is no file or folder/));
});

t.test('a folder: links and large files are refused', async (t) => {
  const solution = folderWith(t, both);
  const linked = folderWith(t, { 'part1/src/entry.ts': entry });
  symlinkSync(join(solution, 'part1/src/list.ts'), join(linked, 'part1/src/list.ts'));
  await t.rejects(taken(linked), refusal(/list.ts is a link/));
  const linkedFolder = folderWith(t, {});
  symlinkSync(join(solution, 'part1'), join(linkedFolder, 'part1'));
  await t.rejects(taken(linkedFolder), refusal(/is a link, or lies behind one/));
  const large = folderWith(t, { 'part1/src/list.ts': 'x'.repeat(300_000) });
  await t.rejects(taken(large), refusal(/list.ts has more than 262144 bytes/));
  const folders = folderWith(t, { 'part1/src/list.ts/inner.ts': '' });
  await t.rejects(taken(folders), refusal(/list.ts is not a file/));
});

t.test('a zip and a tar, also within an outer folder', async (t) => {
  const folder = folderWith(t, { ...both, 'part1/test/list.test.ts': 'mine' });
  const outer = folderWith(t, { 'me/part1/src/list.ts': list, 'me/part1/src/entry.ts': entry });
  for (const [name, gzip] of [
    ['a.tar', false],
    ['a.tar.gz', true],
  ] as const) {
    await createTar({ file: join(folder, name), gzip, cwd: folder }, ['part1']);
    t.same(await taken(join(folder, name)), { files: both, missing: [] }, name);
    await createTar({ file: join(outer, name), gzip, cwd: outer }, ['me']);
    t.same(await taken(join(outer, name)), { files: both, missing: [] }, `${name} with an outer folder`);
  }
  python(
    zipOf,
    join(folder, 'a.zip'),
    'me/part1/src/list.ts',
    list,
    'me/part1/src/entry.ts',
    entry,
    'me/x',
    'y',
  );
  t.same(await taken(join(folder, 'a.zip')), { files: both, missing: [] }, 'a zip');
  python(zipOf, join(folder, 'two.zip'), 'a/part1/src/list.ts', list, 'b/part1/src/list.ts', list);
  await t.rejects(taken(join(folder, 'two.zip')), refusal(/more than once, in "a\/" and "b\/"/));
  writeFileSync(join(folder, 'no.zip'), 'PK, but no zip');
  await t.rejects(taken(join(folder, 'no.zip')), refusal(/this zip archive cannot be read/));
  writeFileSync(join(folder, 'no.tar'), 'x'.repeat(2_000));
  await t.rejects(taken(join(folder, 'no.tar')), refusal(/this tar archive cannot be read/));
});

t.test('an archive: paths that lead outside, links, bombs', async (t) => {
  const folder = folderWith(t, {});
  const zip = join(folder, 'a.zip');
  for (const name of ['../part1/src/list.ts', '/part1/src/list.ts', 'x/../../part1/src/list.ts']) {
    python(zipOf, zip, name, list);
    await t.rejects(taken(zip), SubmissionError, `zip: ${name}`);
    const tar = join(folder, 'a.tar');
    python(
      "import sys,tarfile,io\nt=tarfile.open(sys.argv[1],'w');i=tarfile.TarInfo(sys.argv[2]);t.addfile(i);t.close()",
      tar,
      name,
    );
    await t.rejects(taken(tar), refusal(/leads outside/), `tar: ${name}`);
  }
  const link =
    "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w');i=zipfile.ZipInfo('part1/src/list.ts');i.create_system=3;i.external_attr=0o120777<<16;z.writestr(i,'/etc/passwd');z.close()";
  python(link, zip);
  await t.rejects(taken(zip), refusal(/list.ts is a link/), 'a link in a zip');
  for (const kind of ['SYMTYPE', 'LNKTYPE', 'CHRTYPE', 'DIRTYPE']) {
    const tar = join(folder, 'link.tar');
    const script =
      "import sys,tarfile\nt=tarfile.open(sys.argv[1],'w');i=tarfile.TarInfo('part1/src/list.ts');i.type=getattr(tarfile,sys.argv[2]);i.linkname='/etc/passwd';t.addfile(i);t.close()";
    python(script, tar, kind);
    await t.rejects(taken(tar), SubmissionError, `a ${kind} in a tar`);
  }
  python(
    "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w',zipfile.ZIP_DEFLATED);z.writestr('part1/src/list.ts',b'x'*10**8);z.close()",
    zip,
  );
  await t.rejects(taken(zip), refusal(/list.ts has more than/), 'a zip bomb');
  const bomb = join(folder, 'bomb.tar.gz');
  const large =
    "import sys,tarfile,io\nb=bytes(range(256))*320000\nt=tarfile.open(sys.argv[1],'w:gz',compresslevel=1)\nfor n in range(3):\n  i=tarfile.TarInfo('x%d'%n);i.size=len(b);t.addfile(i,io.BytesIO(b))\nt.close()";
  python(large, bomb);
  await t.rejects(taken(bomb), refusal(/unpacks to more than/), 'a tar bomb');
  python(
    "import sys,tarfile\nt=tarfile.open(sys.argv[1],'w:gz')\nfor n in range(20002): t.addfile(tarfile.TarInfo('x%d'%n))\nt.close()",
    bomb,
  );
  await t.rejects(taken(bomb), refusal(/more than 20000 entries/), 'too many entries');
});
