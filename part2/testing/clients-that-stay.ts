import { connect } from 'node:net';
import type { Address } from '@tablelab/part2';
import type { Test } from 'tap';
import { deadlineMs } from './deadline.ts';
import { startClock, stopClock, turns } from './sandboxed/clock.ts';

const malformed = Buffer.from('ffffffffffff', 'hex');

/**
 * Connects 400 clients that never close their side, and lets the server end all of them in one turn, with a malformed request each.
 * From then on no time passes that would end their connections. Resolves once the server has at most `connectionsMax`, or at the deadline.
 */
export async function finishManyAtOnce(
  t: Pick<Test, 'teardown'>,
  { server, address }: { readonly server: { readonly connections: number }; readonly address: Address },
  connectionsMax: number,
): Promise<void> {
  stopClock();
  t.teardown(() => startClock());
  const sockets = Array.from({ length: 400 }, () => connect({ ...address, allowHalfOpen: true }));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  const told = sockets.map(
    (socket) => new Promise((resolve) => socket.once('end', resolve).once('close', resolve)),
  );
  for (const socket of sockets) socket.on('error', () => undefined).resume();
  // Turns of the event loop go on while the clock stands still.
  const until = async (isReached: () => boolean) => {
    const deadline = performance.now() + deadlineMs;
    while (!isReached() && performance.now() < deadline) await turns(1);
  };
  await until(() => server.connections === sockets.length);
  for (const socket of sockets) socket.write(malformed);
  await Promise.all(told);
  await until(() => server.connections <= connectionsMax);
}
