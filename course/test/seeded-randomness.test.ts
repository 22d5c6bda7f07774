/** What a submission gets as random numbers: the same in each run with the same seed, and of the same form as Node's. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';

const script = `
import { seedRandomness } from ${JSON.stringify(join(import.meta.dirname, '../src/grade/remote/seeded-randomness.ts'))};
seedRandomness(Number(process.argv[1]));
const { randomBytes, randomFill, randomFillSync, randomInt, randomUUID, webcrypto } = await import('node:crypto');
const { promisify } = await import('node:util');
const words = new Uint32Array(4);
console.log(
  JSON.stringify({
    bytes: randomBytes(8).toString('hex'),
    later: (await promisify(randomBytes)(8)).toString('hex'),
    filled: randomFillSync(Buffer.alloc(8), 2, 4).toString('hex'),
    words: [...randomFillSync(words, 1, 2)],
    rest: [...(await promisify(randomFill)(new Uint8Array(4), 1))],
    dice: Array.from({ length: 50 }, () => randomInt(1, 7)),
    below: randomInt(3),
    laterBelow: await promisify(randomInt)(3),
    uuids: [randomUUID(), crypto.randomUUID(), webcrypto.randomUUID()],
    values: [...crypto.getRandomValues(new Uint16Array(3)), ...webcrypto.getRandomValues(new Uint16Array(3))],
  }),
);
`;

function drawn(seed: number) {
  const { NODE_OPTIONS, ...env } = process.env;
  const text = execFileSync(
    process.execPath,
    ['--input-type=module-typescript', '-e', script, String(seed)],
    {
      env,
      encoding: 'utf8',
    },
  );
  return JSON.parse(text);
}

t.test('each source of random numbers gives the same again for a seed, and others for another', async (t) => {
  const [first, again, other] = [drawn(1), drawn(1), drawn(2)];
  t.strictSame(again, first);
  for (const source of ['bytes', 'later', 'filled', 'words', 'rest', 'dice', 'uuids', 'values']) {
    t.notSame(other[source], first[source], source);
  }
});

t.test('the numbers have the form that Node gives them', async (t) => {
  const { bytes, later, filled, words, rest, dice, below, laterBelow, uuids, values } = drawn(3);
  t.match(bytes, /^[0-9a-f]{16}$/);
  t.match(later, /^[0-9a-f]{16}$/);
  t.match(filled, /^0{4}[0-9a-f]{8}0{4}$/, 'only the part that was named');
  t.ok(words[0] === 0 && words[1] > 0 && words[2] > 0 && words[3] === 0, 'counted in elements of the array');
  t.equal(rest[0], 0);
  t.strictSame([...new Set<number>(dice)].sort(), [1, 2, 3, 4, 5, 6]);
  for (const number of [below, laterBelow]) t.ok(number >= 0 && number < 3);
  for (const uuid of uuids)
    t.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.equal(values.length, 6);
});
