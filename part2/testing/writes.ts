import { Socket } from 'node:net';
import type { Test } from 'tap';

/** The sizes, in bytes, of all writes to sockets of this process but `except`, from now to the end of the test. */
export function socketWrites(t: Pick<Test, 'teardown'>, except: Socket): number[] {
  const sizes: number[] = [];
  const write = Socket.prototype.write;
  t.teardown(() => {
    Socket.prototype.write = write;
  });
  Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
    if (this !== except) sizes.push((args[0] as Uint8Array).length);
    return write.apply(this, args);
  } as Socket['write'];
  return sizes;
}
