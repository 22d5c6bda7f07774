import { once } from 'node:events';
import { connect } from 'node:net';
import { TableError } from '@tablelab/shared';

/** ZooKeeper derives a session's password from its id and this constant (ZooKeeperServer.superSecret, 3.8). */
const superSecret = 0xb3415c00n;
const passwordBytes = 16;

const closeSessionOpcode = -11;
const deadlineMs = 10_000;

/**
 * Ends another program's session, as anyone can who reaches ZooKeeper and knows the session's id: takes it over with the
 * password that ZooKeeper would accept, and closes it.
 * @throws TableError UNREACHABLE
 */
export async function closeSession(
  { host, port }: { readonly host: string; readonly port: number },
  sessionId: string,
): Promise<void> {
  const socket = connect({ host, port });
  const failed = new TableError('UNREACHABLE', `ZooKeeper did not close session ${sessionId}`);
  socket.setTimeout(deadlineMs, () => socket.destroy(failed));
  try {
    await once(socket, 'connect');
    const request = Buffer.alloc(28 + passwordBytes);
    // Protocol version and last transaction seen: 0. The time-out is granted as the session has it.
    request.writeInt32BE(deadlineMs, 12);
    request.writeBigUInt64BE(BigInt(`0x${sessionId}`), 16);
    request.writeInt32BE(passwordBytes, 24);
    passwordOf(sessionId).copy(request, 28);
    socket.write(frame(request));
    await once(socket, 'data');
    const close = Buffer.alloc(8);
    close.writeInt32BE(1, 0);
    close.writeInt32BE(closeSessionOpcode, 4);
    socket.write(frame(close));
    // It answers, and ends the connection.
    socket.resume();
    await once(socket, 'close');
  } finally {
    socket.destroy();
  }
}

function frame(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length, 0);
  return Buffer.concat([length, content]);
}

/** `new java.util.Random(sessionId ^ superSecret).nextBytes(...)`: a linear congruential generator of 48 bits. */
function passwordOf(sessionId: string): Buffer {
  const mask = (1n << 48n) - 1n;
  const multiplier = 0x5deece66dn;
  let seed = (BigInt(`0x${sessionId}`) ^ superSecret ^ multiplier) & mask;
  const password = Buffer.alloc(passwordBytes);
  for (let at = 0; at < passwordBytes; at += 4) {
    seed = (seed * multiplier + 0xbn) & mask;
    password.writeUInt32LE(Number((seed >> 16n) & 0xffffffffn), at);
  }
  return password;
}
