import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { Test } from 'tap';

/** The sockets that servers of this process accept, from now to the end of the test: their side of each connection. */
export function serverSockets(t: Pick<Test, 'teardown'>): Socket[] {
  const sockets: Socket[] = [];
  const note = (message: unknown) => sockets.push((message as { readonly socket: Socket }).socket);
  const accepted = channel('net.server.socket');
  accepted.subscribe(note);
  t.teardown(() => accepted.unsubscribe(note));
  return sockets;
}
