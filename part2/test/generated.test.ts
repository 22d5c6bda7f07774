import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { syncTest } from '@tablelab/part1/testing';
import { Ack, ContentType, ErrorNumber, errorName, errorNumber, Opcode, Outcome } from '@tablelab/part2';
import { errorCodes } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import protobuf from 'protobufjs/minimal.js';
import t from 'tap';
import { message_t } from '../src/wire/generated/sdmessage.js';
import { tags } from '../src/wire/tags.ts';

syncTest(t, 'the constants are those of the .proto file, and frozen (part2/README.md#wire-message)', (t) => {
  const numbersOf = (generated: object) =>
    Object.fromEntries(Object.entries(generated).filter(([, value]) => typeof value === 'number'));
  t.same(Opcode, numbersOf(message_t.Opcode));
  t.same(ContentType, numbersOf(message_t.C_type));
  t.same(Ack, numbersOf(message_t.Ack));
  t.same(Outcome, numbersOf(message_t.Outcome));
  t.same({ NONE: 0, ...ErrorNumber }, numbersOf(message_t.ErrorCode));
  for (const constants of [Opcode, ContentType, Ack, Outcome, ErrorNumber]) t.ok(Object.isFrozen(constants));
  t.same(
    Object.keys(ErrorNumber),
    errorCodes.filter((code) => !['NONE', 'TIMEOUT', 'UNREACHABLE', 'ABORTED'].includes(code)),
    'every code that can travel has a number',
  );
  for (const [name, number] of cases(t, Object.entries(ErrorNumber))) {
    t.equal(errorName(number), name);
    t.equal(errorNumber(name as keyof typeof ErrorNumber), number);
  }
  t.equal(errorName(0), undefined);
  t.equal(errorName(1234), undefined);
  t.equal(errorNumber('TIMEOUT'), ErrorNumber.INTERNAL, 'what has no number is INTERNAL on the wire');
});

// The generator is a separate program, and slow to start on a busy machine.
t.test('the generated code is up to date with the .proto file', { timeout: 55_000 }, async (t) => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'tablelab-proto-'));
  t.teardown(() => rm(folder, { recursive: true }));
  // Without this process's environment, which would have the generator's coverage measured too.
  const { PATH = '', HOME = folder } = process.env;
  const generate = join(root, 'scripts/generate-proto.sh');
  await promisify(execFile)(generate, [folder], { timeout: 50_000, env: { PATH, HOME } });
  for (const file of ['part2/src/wire/generated/sdmessage.js', 'part2/src/wire/generated/sdmessage.d.ts']) {
    const fresh = await readFile(join(folder, file), 'utf8');
    t.ok(
      fresh === (await readFile(join(root, file), 'utf8')),
      `${file} is stale: run scripts/generate-proto.sh`,
    );
  }
});

/** What a number of 64 bits is decoded as; here one whose lower half is 0. */
const long = () => protobuf.Reader.create(Buffer.from('808080808020', 'hex')).uint64();

/** Every field with a value that is not its default, in the order of the numbers; numbers are as they are decoded. */
const full = {
  opcode: Opcode.OP_PUT,
  c_type: ContentType.CT_ENTRY,
  key: 'k',
  data: Buffer.from('d'),
  result: -1,
  keys: ['a', ''],
  epoch: 1,
  client: 'c',
  request: long(),
  first_incomplete: long(),
  ack: Ack.COMMITTED,
  error: ErrorNumber.LOST,
  detail: 'why',
  found: true,
  sequence: long(),
  from: long(),
  limit: 2,
  next: long(),
  server: 'h:1',
  expected: Buffer.from('e'),
  outcome: Outcome.NOT_APPLIED,
};
const encode = (message: object) => message_t.encode(message).finish();
const fullBytes = encode(full);
const fieldNumbers = Object.values(tags).map((tag) => tag >> 3);
/** One of each, with the value 0 or no bytes, by wire type: varint, 64 bits, bytes, 32 bits. */
const zeroFields = new Map([
  [0, '00'],
  [1, '0000000000000000'],
  [2, '00'],
  [5, '00000000'],
]);
const stringFields = Object.values(tags).flatMap((tag) => ((tag & 7) === 2 ? [tag >> 3] : []));

function field(number: number, wireType: number): Uint8Array {
  const tag = protobuf.Writer.create()
    .uint32((number << 3) | wireType)
    .finish();
  return Buffer.concat([tag, Buffer.from(zeroFields.get(wireType) ?? '', 'hex')]);
}

syncTest(t, 'a field with another wire type is an unknown field (part2/README.md#wire-message)', (t) => {
  for (const number of cases(t, fieldNumbers)) {
    const ownType = stringFields.includes(number) ? 2 : 0;
    for (const wireType of zeroFields.keys()) {
      if (wireType === ownType) continue;
      const bytes = Buffer.concat([fullBytes, field(number, wireType)]);
      t.same({ ...message_t.decode(bytes) }, full, `field ${number} with wire type ${wireType}`);
    }
  }
});

syncTest(t, 'of a repeated field the last one counts (part2/README.md#wire-message)', (t) => {
  t.same({ ...message_t.decode(fullBytes) }, full);
  const zeros = fieldNumbers
    .filter((number) => number !== tags.keys >> 3)
    .map((number) => field(number, stringFields.includes(number) ? 2 : 0));
  t.same({ ...message_t.decode(Buffer.concat([fullBytes, ...zeros])) }, { keys: full.keys });
  t.same(message_t.decode(Buffer.concat([fullBytes, fullBytes])).keys, ['a', '', 'a', ''], 'keys add up');
});

syncTest(t, 'the generated class handles fields, lengths, groups and unknown fields like protobuf', (t) => {
  const withNull: object = { ...full, detail: null };
  t.same(encode(new message_t(withNull)), encode({ ...full, detail: '' }));
  t.same(encode(new message_t()), new Uint8Array(0));
  t.same({ ...message_t.decode(Buffer.concat([fullBytes, fullBytes]), fullBytes.length) }, full, 'a length');
  t.throws(() => message_t.decode(fullBytes, fullBytes.length + 1), RangeError, 'one beyond the bytes');
  t.throws(() => message_t.decode(fullBytes, fullBytes.length - 1), RangeError, 'one within a field');

  const group = (content: Uint8Array) => Buffer.concat([field(50, 3), content, field(50, 4)]);
  t.same({ ...message_t.decode(Buffer.concat([group(fullBytes), fullBytes])) }, full, 'an unknown group');
  t.throws(() => message_t.decode(group(fullBytes).subarray(0, -2)), 'a group without an end');

  const keeping = protobuf.Reader.create(Buffer.concat([fullBytes, field(99, 0), field(98, 0)]));
  keeping.discardUnknown = false;
  const message = message_t.decode(keeping);
  t.same(message.$unknowns, [field(99, 0), field(98, 0)], 'unknown fields, where they are wanted');
  t.same(encode(message).length, fullBytes.length + 6, 'and they are written again');
});

syncTest(t, 'nested messages have an end and a depth, in case the format ever gets some', (t) => {
  // What generated code gives that of the messages within it: the end of a group and the depth.
  const decode = message_t.decode as (
    reader: unknown,
    length?: number,
    end?: number,
    depth?: number,
  ) => object;
  const encodeAt = message_t.encode as (message: object, writer: unknown, depth: number) => protobuf.Writer;
  const end = field(50, 4);
  const [endTag] = [protobuf.Reader.create(end).uint32()];
  const reader = protobuf.Reader.create(Buffer.concat([fullBytes, end, fullBytes]));
  t.same({ ...decode(reader, undefined, endTag) }, full, 'it stops at the end of its group');
  t.same({ ...decode(reader) }, full, 'and what follows is there');
  t.throws(() => decode(fullBytes, undefined, endTag), { message: 'missing end group' });
  const early = Buffer.concat([fullBytes, end, fullBytes]);
  t.throws(() => decode(early, early.length, endTag), RangeError, 'a group shorter than its length');
  const deep = protobuf.Reader.recursionLimit + 1;
  t.throws(() => decode(fullBytes, undefined, undefined, deep), { message: 'max depth exceeded' });
  t.throws(() => encodeAt(full, undefined, deep), { message: 'max depth exceeded' });
});

t.test('without the package long, 64-bit numbers are plain numbers', async (t) => {
  const { Long } = protobuf.util;
  t.teardown(() => {
    protobuf.util.Long = Long;
    protobuf.configure();
  });
  Object.assign(protobuf.util, { Long: undefined });
  protobuf.configure();
  const numbersOnly: typeof import('../src/wire/generated/sdmessage.js') = await import(
    `../src/wire/generated/${'sdmessage.js'}?without-long`
  );
  const sum = 2 ** 40;
  const numbers = { request: sum, first_incomplete: sum, sequence: sum, from: sum, next: sum };
  const zeros = { request: 0, first_incomplete: 0, sequence: 0, from: 0, next: 0 };
  const bytes = numbersOnly.message_t.encode(numbers).finish();
  const { request, first_incomplete, sequence, from, next } = full;
  t.same(bytes, encode({ request, first_incomplete, sequence, from, next }));
  t.match(numbersOnly.message_t.decode(bytes), numbers);
  t.match(new numbersOnly.message_t(), zeros);
  t.same(numbersOnly.message_t.encode(zeros).finish(), new Uint8Array(0));
});
