import { join } from 'node:path';
import { must } from '@tablelab/shared';
import { type ChildProgram, eventually, startZooKeeper } from '@tablelab/shared/testing';
import t from 'tap';
import { bytes, connectTable, spawnServer } from './support/chain-programs.ts';

/** The upgrade of docs/operations.md: each server in turn is stopped and started again, under load. */

// Each starts six servers, one after the other.
t.setTimeout(120_000);

const deadlineMs = 30_000;
const workers = 6;
/** The most that this ZooKeeper grants. A server that did not say that it leaves would keep its place for so long. */
const sessionTimeoutMs = 10_000;

for (const isOnDisk of [true, false]) {
  t.test(
    `each of three servers is restarted ${isOnDisk ? 'with its disk' : 'without one'}: no operation fails`,
    async (t) => {
      const zookeeper = await startZooKeeper({ tickTimeMs: 500 });
      t.teardown(() => zookeeper.stop());
      const folder = t.testdir();
      const servers: ChildProgram[] = [];
      t.teardown(() => Promise.all(servers.map((server) => server.stop())));
      const start = async (place: number) => {
        const data = isOnDisk ? ['--data', join(folder, `server-${place}`)] : [];
        const server = spawnServer(
          zookeeper.address,
          '--session-timeout',
          String(sessionTimeoutMs),
          '--verbose',
          ...data,
        );
        servers[place] = server;
        await server.waitForLine(/^listening on/, deadlineMs);
      };
      for (let place = 0; place < 3; place += 1) await start(place);
      const table = await connectTable(t, zookeeper.address);
      let isOver = false;
      let longestMs = 0;
      let done = 0;
      const failures: string[] = [];
      const last = new Map<string, string>();
      const work = async (worker: number) => {
        for (let count = 0; !isOver; count += 1) {
          const key = `${worker}:${count % 50}`;
          const begunAt = performance.now();
          try {
            await table.put(key, bytes(`${count}`));
            last.set(key, `${count}`);
            const value = await table.get(key);
            if (Buffer.from(value ?? []).toString() !== `${count}`) failures.push(`${key} is not ${count}`);
            done += 1;
          } catch (error) {
            failures.push(String(error));
          }
          longestMs = Math.max(longestMs, performance.now() - begunAt);
        }
      };
      /** Resolves once operations have succeeded since it was called. */
      const progress = async () => {
        const before = done;
        await eventually(() => done > before + 10 * workers, { deadlineMs, what: 'the load to go on' });
      };
      const load = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
      for (let place = 0; place < 3; place += 1) {
        const server = must(servers[place], 'it was started');
        process.kill(server.pid, 'SIGTERM');
        t.match(await server.exited, { code: 0 }, `server ${place} ends without an error`);
        await progress();
        await start(place);
        await progress();
      }
      isOver = true;
      await load;
      t.same(failures, []);
      for (const [key, value] of last) {
        const found = Buffer.from((await table.get(key)) ?? []).toString();
        if (found !== value) t.fail(`${key} is ${found}, not ${value}`);
      }
      t.ok(last.size > workers, `${last.size} keys`);
      t.ok(
        longestMs < 0.8 * sessionTimeoutMs,
        `no put and get waited for the end of a session: ${Math.round(longestMs)} ms`,
      );
      t.comment(`the longest put and get took ${Math.round(longestMs)} ms`);
    },
  );
}
