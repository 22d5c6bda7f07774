/**
 * Sends mutated messages to the servers of a part: requests of all operations, and for part 4 what servers say to each
 * other over links. One process at fault must cost the others nothing: prints how many servers have died and how many
 * connections they have left open, how long another client waited at most, and the servers' memory after each tenth of the
 * inputs, with its trend. Mutated puts add keys, so the table is cleared before the memory is measured. Exits with 1 if a server
 * has died or hangs, if its memory rises, or if the other client waited too long. The same seed gives the same inputs.
 *
 *     npx node part4/bench/fuzz.ts 2|3|4 [inputs] [seed]
 */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Ack, ContentType, encodeFrame, encodeMessage, Opcode, RemoteTable } from '@tablelab/part2';
import { type Random, seededRandom } from '@tablelab/shared';
import { encodeChainFrame, linkPreface } from '../src/adapters/links/chain-codec.ts';
import { startObserver } from './observer.ts';
import { memoryBytes, open, replies, startTarget } from './targets.ts';
import { trendOf } from './trend.ts';

const [part = 3, count = 60_000, seed = 1] = process.argv.slice(2).map(Number);
const connectionsAtOnce = 16;
const inputsPerConnectionMax = 8;
/** A connection that its client has ended is closed by the server within this time, in milliseconds; otherwise it hangs. */
const hangMs = 10_000;
/** How long a client that does not wait for its answers stays connected, in milliseconds. */
const leaveMsMax = 20;
const waitMsMax = 500;

/** Memory is measured after each tenth of the inputs. */
const tenths = 10;
/** A server has compiled its code and filled its caches after these. */
const warmUpTenths = 2;
/** What the memory may rise by after that, in MiB: garbage is not collected at the same time in each tenth. */
const riseMiBMax = 8;
/**
 * The servers' JavaScript heaps are kept small. With Node's defaults, a heap grows for a million inputs before its garbage is
 * collected, by more than a leak of forty bytes an input; with these, the memory shows what a server keeps.
 */
const smallHeap = '--max-old-space-size=64 --max-semi-space-size=2';
const deletionsAtOnce = 500;

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
  { opcode: Opcode.OP_HAS, c_type: CT_KEY, key: 'key' },
  {
    opcode: Opcode.OP_PUTIFABSENT,
    c_type: CT_ENTRY,
    key: 'k',
    data: new Uint8Array(10),
    ...written,
    request: 2,
  },
  {
    opcode: Opcode.OP_PUTIFEQUALS,
    c_type: CT_ENTRY,
    key: 'k',
    data: new Uint8Array(3),
    expected: new Uint8Array(10),
  },
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
  isApplied: true,
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
      { ...update, seq: 2, epoch: 0, op: 'putIfEquals', expected: new Uint8Array(3), isApplied: false },
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

/** Resolves to whether the server has closed the connection in time, as it must after its client has ended it. */
async function hasEnded(socket: Socket): Promise<boolean> {
  const timeUp = Promise.withResolvers<false>();
  const timer = setTimeout(timeUp.resolve, hangMs, false as const);
  const closed = socket.closed ? true : Promise.race([once(socket, 'close'), once(socket, 'end')]);
  const ended = await Promise.race([Promise.resolve(closed).then(() => true), timeUp.promise]);
  clearTimeout(timer);
  return ended;
}

const target = await startTarget(part, { nodeOptions: smallHeap });
const stopObserver = await startObserver({ port: target.tailPort, reconnects: part === 2 });
let sent = 0;
let unreachable = 0;
let hangs = 0;

/** Sends inputs until all attackers together have sent `inputs`. */
async function attack(random: Random, inputs: number): Promise<void> {
  while (sent < inputs) {
    const socket = await open(random.int(2) === 0 ? target.headPort : target.tailPort, []);
    if (socket.closed) {
      unreachable += 1;
      continue;
    }
    const connectionInputs = inputsOf(random);
    sent += connectionInputs.length;
    socket.resume().write(Buffer.concat(connectionInputs));
    if (random.int(4) > 0) {
      socket.end();
      if (!(await hasEnded(socket))) hangs += 1;
    } else {
      // The server may be anywhere in its work then.
      await new Promise((resolve) => setTimeout(resolve, random.int(leaveMsMax)));
    }
    socket.resetAndDestroy();
  }
}

/** Removes all keys: the table that fuzzed puts fill is no leak. */
async function clearTable(): Promise<void> {
  const reader = await RemoteTable.connect(`127.0.0.1:${target.tailPort}`);
  const keys: string[] = [];
  for await (const key of reader.scan('')) keys.push(key);
  await reader.disconnect();
  const socket = await open(target.headPort, []);
  for (let first = 0; first < keys.length; first += deletionsAtOnce) {
    const page = keys.slice(first, first + deletionsAtOnce);
    const answered = replies(socket, page.length);
    const frames = page.map((key) =>
      encodeMessage({ opcode: Opcode.OP_DEL, c_type: CT_KEY, key, ack: Ack.COMMITTED }),
    );
    socket.write(Buffer.concat(frames));
    await answered;
  }
  socket.destroy();
}

/** The resident memory of each server, in MiB. */
async function residentMiB(): Promise<number[]> {
  const bytes = await Promise.all(target.programs.map(({ pid }) => memoryBytes(pid)));
  return bytes.map((each) => each / 2 ** 20);
}

const randoms = Array.from({ length: connectionsAtOnce }, (_, index) =>
  seededRandom(seed * connectionsAtOnce + index),
);
const measured: number[][] = [];
for (let tenth = 1; tenth <= tenths; tenth += 1) {
  await Promise.all(randoms.map((random) => attack(random, (count * tenth) / tenths)));
  await clearTable();
  const resident = await residentMiB();
  if (tenth > warmUpTenths) measured.push(resident);
  console.log(`part ${part}: ${sent} inputs, memory ${resident.map(Math.round).join(' and ')} MiB`);
}
const { longestMs, lost, answered } = await stopObserver();
const deaths = target.programs.filter((program) => !program.running).length;
let grows = false;
for (const [server] of target.programs.entries()) {
  const { rise, riseError } = trendOf(measured.map((resident) => resident[server] ?? 0));
  if (rise > riseMiBMax && rise > 2 * riseError) grows = true;
  console.log(
    `part ${part}: the memory of server ${server + 1} rises by ${rise.toFixed(1)} MiB (standard error ${riseError.toFixed(1)}) ` +
      `after the first ${warmUpTenths} tenths`,
  );
}
console.log(
  `part ${part}: ${sent} inputs, ${deaths} deaths, ${hangs} hangs, ${unreachable} connections refused; another client had ` +
    `${answered} answers, lost ${lost} connections and waited ${Math.round(longestMs)} ms at most`,
);
await target.stop();
process.exit(deaths + hangs > 0 || grows || longestMs > waitMsMax ? 1 : 0);
