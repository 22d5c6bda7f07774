/**
 * Sends mutated messages to the servers of a part: requests of all operations, and for part 4 what servers say to each
 * other over links. One process at fault must cost the others nothing: prints how many servers have died, how long another
 * client waited at most, and the memory after a tenth of the inputs and at the end. Exits with 1 if a server has died or the
 * other client waited too long. The same seed gives the same inputs.
 *
 *     npx node part4/bench/fuzz.ts 2|3|4 [inputs] [seed]
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Ack, ContentType, encodeFrame, encodeMessage, Opcode } from '@tablelab/part2';
import { type Random, seededRandom } from '@tablelab/shared';
import { encodeChainFrame, linkPreface } from '../src/adapters/links/chain-codec.ts';
import { startObserver } from './observer.ts';
import { memoryBytes, open, startTarget } from './targets.ts';

const [part = 3, count = 60_000, seed = 1] = process.argv.slice(2).map(Number);
const connectionsAtOnce = 16;
const inputsPerConnectionMax = 8;
/** A connection without an answer is given up after this time, in milliseconds: its last input was incomplete. */
const answerMs = 50;
const waitMsMax = 500;

const { CT_NONE, CT_KEY, CT_ENTRY, CT_RESULT } = ContentType;
const client = 'a'.repeat(32);
const written = { client, request: 1, first_incomplete: 1, ack: Ack.COMMITTED };
const requests: readonly Uint8Array[] = [
  { opcode: Opcode.OP_SIZE, c_type: CT_NONE },
  { opcode: Opcode.OP_GETKEYS, c_type: CT_NONE },
  { opcode: Opcode.OP_GET, c_type: CT_KEY, key: 'observed' },
  { opcode: Opcode.OP_DEL, c_type: CT_KEY, key: 'key' },
  { opcode: Opcode.OP_PUT, c_type: CT_ENTRY, key: 'key', data: new Uint8Array(100) },
  { opcode: Opcode.OP_PUT, c_type: CT_ENTRY, key: 'k', data: new Uint8Array(10), ...written },
  { opcode: Opcode.OP_SCAN, c_type: CT_KEY, key: 'k', from: 0, limit: 3 },
  { opcode: Opcode.OP_VERIFY, c_type: CT_RESULT, result: 1, sequence: 2 ** 40, epoch: 1 },
  { opcode: Opcode.OP_OPEN, c_type: CT_NONE, ack: Ack.COMMITTED },
].map(encodeMessage);

const hello = {
  type: 'hello',
  id: 1,
  session: '5'.repeat(16),
  viewVersion: 1,
  chain: 'c'.repeat(16),
} as const;
const update = {
  client,
  request: 1,
  firstIncomplete: 1,
  op: 'put',
  key: 'k',
  data: new Uint8Array(9),
} as const;
const links: readonly Uint8Array[] = [
  encodeFrame(linkPreface),
  encodeChainFrame({ ...hello, joining: false }),
  encodeChainFrame({ ...hello, joining: true, viewVersion: 100_000 }),
  encodeChainFrame({
    type: 'updates',
    updates: [
      { ...update, seq: 0, epoch: 0 },
      { ...update, seq: 1, epoch: 0 },
    ],
  }),
  encodeChainFrame({ type: 'ack', stable: 3 }),
  encodeChainFrame({
    type: 'snapshot',
    seq: 1,
    epochs: [{ epoch: 0, seq: 0 }],
    sessions: [],
    sessionsSeq: 1,
  }),
  encodeChainFrame({ type: 'chunk', entries: new Uint8Array(40) }),
  encodeChainFrame({ type: 'invite', seq: 1 }),
  encodeChainFrame({ type: 'handover', seq: 1 }),
  encodeChainFrame({ type: 'refuse', detail: 'no' }),
];

/** A frame as it is, with another payload behind the right length, or damaged as a whole. */
function mutated(frame: Uint8Array, random: Random): Uint8Array {
  const kind = random.int(4);
  if (kind === 0) return frame;
  if (kind < 3) return encodeFrame(damaged(frame.subarray(1), random));
  return damaged(frame, random);
}

/** Up to three bytes changed; a piece cut out or put in. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const changed = Buffer.from(bytes);
  for (let left = random.int(4); left > 0 && changed.length > 0; left -= 1)
    changed[random.int(changed.length)] = random.int(256);
  const at = random.int(changed.length + 1);
  const added = Uint8Array.from({ length: random.int(4) }, () => random.int(256));
  return Buffer.concat([changed.subarray(0, at), added, changed.subarray(at + random.int(4))]);
}

/** The inputs of one connection: requests, or the beginning of a link and messages of one. */
function inputsOf(random: Random): Uint8Array[] {
  const isLink = part === 4 && random.int(3) === 0;
  const frames = isLink ? links : requests;
  const inputs = Array.from({ length: 1 + random.int(inputsPerConnectionMax) }, () =>
    mutated(random.pick(frames), random),
  );
  const [preface, greeting] = links as [Uint8Array, Uint8Array];
  return isLink && random.int(4) > 0 ? [preface, mutated(greeting, random), ...inputs] : inputs;
}

/** Resolves when the server has closed the connection, or has said nothing for a while. */
async function silence(socket: Socket): Promise<void> {
  socket.setTimeout(answerMs);
  if (!socket.closed)
    await Promise.race([once(socket, 'close'), once(socket, 'end'), once(socket, 'timeout')]);
}

const target = await startTarget(part);
const residentMiB = async () => {
  const bytes = await Promise.all(target.programs.map(({ pid }) => memoryBytes(pid)));
  return Math.round(Math.max(...bytes) / 2 ** 20);
};
const stopObserver = await startObserver({ port: target.tailPort, reconnects: part === 2 });
let sent = 0;
let unreachable = 0;
let earlyMiB = 0;

async function attack(random: Random): Promise<void> {
  while (sent < count) {
    const socket = await open(random.int(2) === 0 ? target.headPort : target.tailPort, []);
    if (socket.closed) {
      unreachable += 1;
      continue;
    }
    const inputs = inputsOf(random);
    sent += inputs.length;
    socket.resume().end(Buffer.concat(inputs));
    await silence(socket);
    socket.resetAndDestroy();
    if (earlyMiB === 0 && sent > count / 10) earlyMiB = await residentMiB();
  }
}

await Promise.all(
  Array.from({ length: connectionsAtOnce }, (_, index) =>
    attack(seededRandom(seed * connectionsAtOnce + index)),
  ),
);
const lateMiB = await residentMiB();
const { longestMs, lost, answered } = await stopObserver();
const deaths = target.programs.filter((program) => !program.running).length;
console.log(
  `part ${part}: ${sent} inputs, ${deaths} deaths, ${unreachable} connections refused; another client had ${answered} answers, ` +
    `lost ${lost} connections and waited ${Math.round(longestMs)} ms at most; memory ${earlyMiB} MiB after a tenth, ${lateMiB} MiB at the end`,
);
await target.stop();
process.exit(deaths > 0 || longestMs > waitMsMax ? 1 : 0);
