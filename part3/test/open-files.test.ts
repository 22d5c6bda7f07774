import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseAddress, RemoteTable } from '@tablelab/part2';
import { deadlineMs } from '@tablelab/part2/testing';
import { ChildProgram, eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { connectionCounts, fewConnectionsText } from '../src/server/connection-counts.ts';

t.setTimeout(60_000);

const serverFile = fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url));

t.test(
  'connections get a part of the files that the system allows (part3/README.md#server-files)',
  async (t) => {
    const plenty = { served: 10_000, silent: 10_000, lingering: 256, undecided: 10_000 };
    t.same(connectionCounts(Number.POSITIVE_INFINITY), plenty);
    t.equal(fewConnectionsText(plenty), undefined);
    for (const files of [0, 16, 17, 40, 64, 1_024, 20_000]) {
      const { served, silent, lingering, undecided } = connectionCounts(files);
      const sum = served + silent + lingering + undecided;
      t.ok(sum <= Math.max(4, files - 16), `${sum} connections where ${files} files are free`);
      t.ok(Math.min(served, silent, lingering, undecided) >= 1, 'one of each at least');
    }
    t.match(fewConnectionsText(connectionCounts(64)), /serves 24 clients at once/);
    t.equal(fewConnectionsText(connectionCounts(20_000)), undefined, 'nearly as many as it takes are enough');
  },
);

t.test(
  '120 silent connections under a low limit keep no client out (part3/README.md#server-files)',
  async (t) => {
    const limited = 'ulimit -n 64 && exec "$0" "$1" 0 10 --log-level warn';
    const program = new ChildProgram('/bin/sh', ['-c', limited, process.execPath, serverFile]);
    t.teardown(() => program.stop());
    const [, address = ''] = await program.waitForLine(/^listening on (.+)$/, 20_000);
    await program.waitForLine(
      /few open files \(ulimit -n\): it serves \d+ clients at once/,
      deadlineMs,
      'stderr',
    );
    const silent = Array.from({ length: 120 }, () =>
      connect(parseAddress(address)).on('error', () => undefined),
    );
    t.teardown(() => {
      for (const socket of silent) socket.destroy();
    });
    await eventually(() => silent.every(({ connecting }) => !connecting), { deadlineMs });
    const table = await RemoteTable.connect(address, { callTimeoutMs: deadlineMs });
    t.equal(await table.size(), 0, 'a client is served while they are there');
    await table.disconnect();
    t.ok(program.running);
  },
);
