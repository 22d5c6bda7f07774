/** Dump and load, `chain` and `stats`, with real servers (part4/README.md, "Operation" and "Dump and load"). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '@tablelab/shared';
import { cases, eventually } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import type { ChainTable } from '../src/client/chain-table.ts';
import { DumpReader } from '../src/dump/dump-file.ts';
import { dumpTable } from '../src/dump/dump-table.ts';
import { loadTable } from '../src/dump/load-table.ts';
import { statusOf } from '../src/status/chain-servers.ts';
import { bytes, connectTable, startChain, startClient } from './support/chain-programs.ts';

const noProgress = (): void => undefined;

async function fill(table: ChainTable, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, index) => `fill:${index}`);
  await Promise.all(keys.map((key) => table.put(key, bytes(`${key} `.repeat(20)))));
}

async function textsIn(path: string): Promise<Map<string, string>> {
  const reader = await DumpReader.open(path);
  const texts = new Map<string, string>();
  for await (const { key, value } of reader.entries()) texts.set(key, Buffer.from(value).toString());
  await reader.close();
  return texts;
}

/** Writes the same number under each key, in order, then the next number, until it is stopped; also puts and removes a key. */
class Rounds {
  static readonly keys = Array.from({ length: 40 }, (_, index) => `round:${index}`);
  rounds = 0;
  #isStopped = false;
  readonly #ended: Promise<void>;

  constructor(table: ChainTable) {
    this.#ended = this.#run(table);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  async #run(table: ChainTable): Promise<void> {
    while (!this.#isStopped) {
      this.rounds += 1;
      const value = bytes(String(this.rounds));
      const writes: Promise<unknown>[] = Rounds.keys.map((key) => table.put(key, value));
      writes.push(this.rounds % 2 === 0 ? table.del('sometimes') : table.put('sometimes', value));
      await Promise.all(writes);
    }
  }

  /** The values of one moment: the first keys have the number of a round, the others that of the round before. */
  static check(t: Test, texts: ReadonlyMap<string, string>): void {
    const values = Rounds.keys.map((key) => Number(texts.get(key)));
    const first = must(values[0], 'there are keys');
    const last = must(values.at(-1), 'there are keys');
    t.ok(last === first || last === first - 1, `from round ${first} to round ${last}`);
    t.same(
      values,
      values.toSorted((one, other) => other - one),
      'no value is older than a later one',
    );
    // It is put in odd rounds, after the other keys.
    t.equal(texts.has('sometimes'), last % 2 === 1, `after round ${last}`);
  }
}

t.test(
  'a dump has one moment’s entries, while writes go on (part4/README.md#dump-moment)',
  async (t: Test) => {
    const { zookeeper } = await startChain(t, 3);
    const table = await connectTable(t, zookeeper);
    const writer = await connectTable(t, zookeeper);
    await fill(table, 3_000);
    const rounds = new Rounds(writer);
    await eventually(() => rounds.rounds > 3, { deadlineMs: 20_000, what: 'some rounds' });
    const directory = t.testdir();
    for (const name of cases(t, ['a', 'b.jsonl', 'c'])) {
      const path = join(directory, name);
      const header = await dumpTable(table, { path, body: 'binary', onProgress: noProgress });
      const texts = await textsIn(path);
      t.equal(texts.size, header.entries);
      t.equal(
        [...texts.keys()].filter((key) => key.startsWith('fill:')).length,
        3_000,
        'nothing is left out',
      );
      Rounds.check(t, texts);
      t.notOk(existsSync(`${path}.scratch`));
    }
    await rounds.stop();
  },
);

t.test('a dump goes on at another tail (part4/README.md#dump-moment)', async (t: Test) => {
  const { zookeeper, chain } = await startChain(t, 3);
  const table = await connectTable(t, zookeeper);
  const writer = await connectTable(t, zookeeper);
  await fill(table, 3_000);
  const rounds = new Rounds(writer);
  await eventually(() => rounds.rounds > 3, { deadlineMs: 20_000, what: 'some rounds' });
  const path = join(t.testdir(), 'table');
  let isKilled = false;
  const onProgress = (_step: string, done: number) => {
    if (isKilled || done < 1_000) return;
    isKilled = true;
    must(chain[2], 'there are three').program.kill('SIGKILL');
  };
  await dumpTable(table, { path, body: 'lines', onProgress });
  t.ok(isKilled);
  const texts = await textsIn(path);
  t.equal([...texts.keys()].filter((key) => key.startsWith('fill:')).length, 3_000, 'nothing is left out');
  Rounds.check(t, texts);
  await rounds.stop();
});

t.test(
  'a load that is killed goes on, and puts each entry once (part4/README.md#load-once)',
  async (t: Test) => {
    const { zookeeper } = await startChain(t, 2);
    const table = await connectTable(t, zookeeper);
    const directory = t.testdir();
    const path = join(directory, 'table');
    const count = 8_000;
    await fill(table, count);
    await dumpTable(table, { path, body: 'binary', onProgress: noProgress });
    await Promise.all(Array.from({ length: count }, (_, index) => table.del(`fill:${index}`)));
    const updatesOf = async () => statusOf((await table.servers()).servers[0])?.received ?? Number.NaN;
    const before = await updatesOf();
    for (let kills = 0; kills < 3; kills += 1) {
      const done = () => {
        const left = existsSync(`${path}.loading`)
          ? readFileSync(`${path}.loading`, 'utf8')
          : '{"entries":0}';
        return (JSON.parse(left) as { entries: number }).entries;
      };
      const earlier = done();
      const client = startClient(zookeeper, 'load', path);
      await eventually(() => done() > earlier, { deadlineMs: 20_000, what: 'some more entries' });
      client.kill('SIGKILL');
      await client.exited;
    }
    const loaded = await loadTable({ chain: { zookeeper }, path, onProgress: noProgress });
    t.equal(loaded.entries, count);
    t.ok(loaded.before >= 3_000, `${loaded.before} were loaded before`);
    t.notOk(existsSync(`${path}.loading`));
    t.equal(await table.size(), count);
    // One more opens the session, and one is the write without effect that comes first.
    t.equal((await updatesOf()) - before, count + 2, 'each entry was put once');
    const again = join(directory, 'again');
    await dumpTable(table, { path: again, body: 'binary', onProgress: noProgress });
    const body = (file: string) => readFileSync(file).subarray(readFileSync(file).indexOf('\n'), -20);
    t.ok(body(again).equals(body(path)), 'the same entries, byte for byte');
  },
);

t.test(
  'the client shows the chain, and dumps and loads (part4/README.md#operate-client)',
  async (t: Test) => {
    const { zookeeper, chain } = await startChain(t, 2);
    const table = await connectTable(t, zookeeper);
    await fill(table, 10);
    const run = async (...words: string[]) => {
      const client = startClient(zookeeper, ...words);
      client.endInput();
      const { code } = await client.exited;
      return { code, out: client.stdoutLines, errors: client.stderrLines };
    };
    const shown = await run('chain');
    t.equal(shown.code, 0, shown.errors.join('\n'));
    t.match(shown.out, [
      /^chain [0-9a-f]{16}, view \d+, servers in it: 2$/,
      /^head .*server 0/,
      /^tail .*server 1/,
    ]);
    t.match(shown.out[1], new RegExp(must(chain[0], 'there are two').address));
    const stats = await run('--json', 'stats');
    const { servers } = JSON.parse(must(stats.out[0], 'it prints a line')) as {
      servers: { role: string; answer: { entries: number; role: string } }[];
    };
    t.match(servers, [
      { role: 'head', answer: { role: 'head', entries: 10 } },
      { role: 'tail', answer: { role: 'tail', entries: 10 } },
    ]);
    const path = join(t.testdir(), 'table.jsonl');
    const dumped = await run('dump', path);
    t.match(dumped, { code: 0, out: [/^10 entries/] });
    t.match(readFileSync(path, 'utf8').split('\n')[1], /^\{"key":"fill:0","value":"fill:0 fill:0/);
    t.match(await run('dump', path), { code: 1, errors: [/exists/] });
    t.match(await run('load', path), { code: 0, out: ['10 entries are loaded'] });
    t.match(await run('load', `${path}.not`), { code: 1, errors: [/cannot read/] });
    must(chain[1], 'there are two').program.kill('SIGSTOP');
    const silent = await run('chain');
    must(chain[1], 'there are two').program.kill('SIGCONT');
    t.match(silent, { code: 0, out: [/^chain/, /^head/, /does not answer/] });
  },
);
