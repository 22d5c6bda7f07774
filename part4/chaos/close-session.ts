import { once } from 'node:events';
import { connect } from 'node:net';
import { TableError } from '@tablelab/shared';

/** ZooKeeper derives a session's password from its id and this constant (ZooKeeperServer.superSecret, 3.8). */
const superSecret = 0xb3415c00n;
const passwordBytes = 16;

const closeSessionOpcode = -11;
/** With the length in front. */
const connectAnswerBytes = 4 + 20 + passwordBytes;
/** In the answer: behind its length, the protocol version and the time-out. */
const sessionIdAt = 12;
const sessionTimeoutMs = 10_000;
const attemptTimeoutMs = 2_000;
const attemptsMax = 5;

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Ends another program's session, as any program can that reaches ZooKeeper and knows the session's id: takes it over with the
 * password that ZooKeeper would accept, and closes it. Now and then ZooKeeper ends the connection instead of answering,
 * because the session is in use on another one: then it is tried again.
 * @throws TableError UNREACHABLE
 */
export async function closeSession(address: Address, sessionId: string): Promise<void> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    if (await tryToClose(address, sessionId)) return;
  }
  throw new TableError('UNREACHABLE', `ZooKeeper did not close session ${sessionId}`);
}

/** Whether ZooKeeper has answered that the session is closed, or that there is no such session any more. */
async function tryToClose({ host, port }: Address, sessionId: string): Promise<boolean> {
  const socket = connect({ host, port });
  socket.setTimeout(attemptTimeoutMs, () => socket.destroy());
  let received = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    received = Buffer.concat([received, bytes]);
    if (received.length === connectAnswerBytes) socket.write(frame(closeRequest()));
  });
  socket.on('error', () => undefined);
  socket.write(frame(connectRequest(sessionId)));
  await once(socket, 'close');
  if (received.length < connectAnswerBytes) return false;
  const isOver = received.readBigUInt64BE(sessionIdAt) === 0n;
  return isOver || received.length > connectAnswerBytes;
}

function connectRequest(sessionId: string): Buffer {
  const request = Buffer.alloc(28 + passwordBytes);
  // Protocol version and last transaction seen: 0.
  request.writeInt32BE(sessionTimeoutMs, 12);
  request.writeBigUInt64BE(BigInt(`0x${sessionId}`), 16);
  request.writeInt32BE(passwordBytes, 24);
  passwordOf(sessionId).copy(request, 28);
  return request;
}

function closeRequest(): Buffer {
  const request = Buffer.alloc(8);
  request.writeInt32BE(1, 0);
  request.writeInt32BE(closeSessionOpcode, 4);
  return request;
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
