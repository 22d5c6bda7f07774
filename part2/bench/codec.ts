/**
 * The cost of converting messages: reads requests and writes replies, alternately with the hand-written and the
 * generated code. Prints medians.
 *
 *     npx node part2/bench/codec.ts
 */
import protobuf from 'protobufjs/minimal.js';
import { FrameBatch } from '../src/wire/frame-batch.ts';
import { message_t } from '../src/wire/generated/sdmessage.js';
import { ContentType, type MessageFields } from '../src/wire/message.ts';
import { decodeRequest } from '../src/wire/message-codec.ts';
import { Opcode } from '../src/wire/operations.ts';

/** Rounds that are measured, after some that warm up. */
const rounds = 31;
const warmUpRounds = 3;
const messagesEachRound = 200_000;
/** The number of replies in one write when clients send some requests ahead. */
const repliesEachWrite = 16;

const { OP_GET, OP_PUT } = Opcode;
const { CT_KEY, CT_VALUE, CT_ENTRY, CT_RESULT } = ContentType;

const key = 'key:12345.......';
const data = Uint8Array.from({ length: 100 }, (_, index) => index);
const put = { opcode: OP_PUT, c_type: CT_ENTRY, key, data };
const session = { client: '0123456789abcdef', request: 12_345, first_incomplete: 12_300, ack: 1 };

const requests: Record<string, MessageFields> = {
  get: { opcode: OP_GET, c_type: CT_KEY, key },
  put,
  'put of part 4': { ...put, ...session },
};
const replies: Record<string, MessageFields> = {
  get: { opcode: OP_GET + 1, c_type: CT_VALUE, data, found: true },
  put: { opcode: OP_PUT + 1, c_type: CT_RESULT, result: 12_345, sequence: 12_345 },
};

const keys = new Map([[key, 1]]);

/** The results are used, so that nothing is optimized away. */
let sink = 0;

for (const [name, message] of Object.entries(requests)) {
  const payload = Buffer.from(message_t.encode(message as message_t.$Properties).finish());
  compare(`read a ${name} request`, {
    // Uses the key, as a table does, because only that shows its cost.
    'by hand': () => {
      const { opcode, key } = decodeRequest(payload);
      sink += opcode + (keys.get(key) ?? 0);
    },
    generated: () => {
      const { opcode, key } = message_t.decode(payload);
      sink += opcode + (keys.get(key) ?? 0);
    },
  });
}
for (const [name, message] of Object.entries(replies)) {
  const batch = new FrameBatch({ payloadBytesMax: Number.POSITIVE_INFINITY });
  let writer = protobuf.Writer.create();
  let inBatch = 0;
  let inWriter = 0;
  compare(`write a ${name} reply`, {
    'by hand': () => {
      batch.append(message);
      inBatch += 1;
      if (inBatch % repliesEachWrite === 0) sink += batch.take().length;
    },
    generated: () => {
      message_t.encode(message as message_t.$Properties, writer.fork()).ldelim();
      inWriter += 1;
      if (inWriter % repliesEachWrite !== 0) return;
      sink += writer.finish(true).length;
      writer = protobuf.Writer.create();
    },
  });
}
if (sink === 0) throw new Error('nothing was done');

function compare(what: string, ways: Record<string, () => void>): void {
  const timesNs = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    for (const [name, run] of Object.entries(ways)) {
      const start = performance.now();
      for (let done = 0; done < messagesEachRound; done += 1) run();
      const ns = ((performance.now() - start) * 1e6) / messagesEachRound;
      if (round >= warmUpRounds) timesNs.get(name)?.push(ns);
    }
  }
  const medians = [...timesNs].map(([name, times]) => `${name} ${median(times).toFixed(0)} ns`);
  console.log(`${what}: ${medians.join(', ')}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
