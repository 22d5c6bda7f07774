import { fileURLToPath } from 'node:url';
import { errorReply } from '@tablelab/part2';
import { MultiplexingServer } from '@tablelab/part3';
import { type ErrorCode, TableError } from '@tablelab/shared';
import { freePort, spawnProgram } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { startChain } from './support/chain-programs.ts';
import { testTimeoutMs } from './support/fault-test.ts';

t.setTimeout(testTimeoutMs);

const deadlineMs = 30_000;

const programs = {
  'health-check': '../src/programs/health-check.ts',
  workload: '../chaos/workload-program.ts',
};

function start(t: Test, program: keyof typeof programs, ...args: string[]) {
  const child = spawnProgram(fileURLToPath(new URL(programs[program], import.meta.url)), args);
  t.teardown(() => child.stop());
  return child;
}

async function healthCheck(t: Test, ...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = start(t, 'health-check', ...args);
  const { code } = await child.exited;
  return { code, text: [...child.stdoutLines, ...child.stderrLines].join('\n') };
}

t.test(
  'health-check: a server with a place in the chain is healthy (part4/README.md#operate-health)',
  async (t) => {
    const { chain } = await startChain(t, 2);
    for (const options of [[], ['--ready']]) {
      const [head, tail] = await Promise.all(chain.map(({ address }) => healthCheck(t, ...options, address)));
      t.match(head, { code: 0, text: `reads go to the tail, ${chain[1]?.address}` });
      t.match(tail, { code: 0, text: /^the tail, with 0 entries$/ });
    }
  },
);

t.test(
  'health-check: a waiting server lives, and is not ready (part4/README.md#operate-health)',
  async (t) => {
    let code: ErrorCode = 'NOT_READY';
    const handler = () => errorReply(new TableError(code, 'this server is not in the chain'));
    const network = new MultiplexingServer({ handler });
    const { port } = await network.listen({ host: '127.0.0.1', port: 0 });
    t.teardown(() => network.close({ deadlineMs: 0 }));
    const address = `127.0.0.1:${port}`;
    const lives = await healthCheck(t, address);
    t.strictSame(lives, { code: 0, text: 'alive, but not ready: this server is not in the chain' });
    const waits = await healthCheck(t, '--ready', address);
    t.strictSame(waits, { code: 1, text: 'health-check: this server is not in the chain' });
    code = 'INTERNAL';
    t.match(await healthCheck(t, address), { code: 1 }, 'its executor has died');
    t.match(await healthCheck(t, `127.0.0.1:${await freePort()}`), { code: 1, text: /ECONNREFUSED/ });
    t.match(await healthCheck(t), { code: 2, text: /^Usage:/m });
  },
);

t.test('workload: clients use an existing chain until the end of the input', async (t) => {
  const { zookeeper, chain } = await startChain(t, 2);
  const addresses = chain.map(({ address }) => address);
  const workload = start(t, 'workload', zookeeper, '--probe', addresses.join(','));
  await workload.waitForLine(/^working$/, deadlineMs);
  workload.write('progress\nchain\n');
  await workload.waitForLine(/^progress$/, deadlineMs);
  const [, json = ''] = await workload.waitForLine(/^chain (.*)$/, deadlineMs);
  t.strictSame((JSON.parse(json) as { members: string[] }).members, addresses);
  workload.endInput();
  const [, writes, reads] = await workload.waitForLine(
    /^linearizable: (\d+) writes, (\d+) reads, 0 failed; probes: [1-9]\d* answered, [1-9]\d* refused$/,
    deadlineMs,
  );
  t.ok(Number(writes) > 0 && Number(reads) > 0);
  t.equal((await workload.exited).code, 0);
});

t.test('workload: ends after its duration, and refuses unknown commands', async (t) => {
  const { zookeeper } = await startChain(t, 1);
  const timed = start(t, 'workload', zookeeper, '--seconds', '1');
  await timed.waitForLine(/^linearizable: /, deadlineMs);
  t.equal((await timed.exited).code, 0);
  const asked = start(t, 'workload', zookeeper);
  asked.write('what\n');
  t.equal((await asked.exited).code, 2);
  t.match(asked.stderrLines.at(-1), 'there is no command "what"');
  t.equal((await start(t, 'workload').exited).code, 2);
});
