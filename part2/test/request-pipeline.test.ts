import { syncTest } from '@tablelab/part1/testing';
import {
  ContentType,
  encodeMessage,
  type Message,
  type MessageFields,
  Opcode,
  RequestPipeline,
} from '@tablelab/part2';
import { getRequest, sizeRequest } from '@tablelab/part2/testing';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';

/** Requests and replies without a connection. */

const sizeReply = { opcode: Opcode.OP_SIZE + 1, c_type: ContentType.CT_RESULT, result: 5 };
const getReply = { opcode: Opcode.OP_GET + 1, c_type: ContentType.CT_VALUE, data: Uint8Array.of(1, 2) };
const errorReply = { opcode: Opcode.OP_ERROR, c_type: ContentType.CT_NONE, detail: 'no' };

/** A pipeline whose requests are sent. */
function sent(...requests: [caller: string, request: MessageFields][]): RequestPipeline<string> {
  const pipeline = new RequestPipeline<string>();
  for (const [caller, request] of requests) pipeline.add(request, caller);
  pipeline.take();
  return pipeline;
}

function received(pipeline: RequestPipeline<string>, bytes: Uint8Array): [string, Message['opcode']][] {
  return [...pipeline.receive(bytes)].map(({ caller, reply }) => [caller, reply.opcode]);
}

syncTest(
  t,
  'replies are matched to requests in order, in pieces of any size (part2/README.md#wire-pipelining)',
  (t) => {
    const bytes = Buffer.concat([sizeReply, getReply, errorReply, sizeReply].map(encodeMessage));
    for (let pieceBytes = 1; pieceBytes <= bytes.length; pieceBytes += 1) {
      const pipeline = sent(
        ['a', sizeRequest],
        ['b', getRequest('k')],
        ['c', getRequest('l')],
        ['d', sizeRequest],
      );
      const replies: [string, number][] = [];
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        replies.push(...received(pipeline, Uint8Array.from(bytes.subarray(at, at + pieceBytes))));
      }
      t.same(replies, [
        ['a', sizeReply.opcode],
        ['b', getReply.opcode],
        ['c', Opcode.OP_ERROR],
        ['d', sizeReply.opcode],
      ]);
      t.same([pipeline.size, pipeline.unansweredBytes], [0, 0]);
    }
  },
);

syncTest(
  t,
  'requests of one turn are one piece of bytes, and count as sent once they are taken (part2/README.md#client-errors)',
  (t) => {
    const pipeline = sent(['a', sizeRequest]);
    pipeline.add(getRequest('k'), 'b');
    pipeline.add(sizeRequest, 'c');
    const expected = Buffer.concat([encodeMessage(getRequest('k')), encodeMessage(sizeRequest)]);
    t.equal(pipeline.bufferedBytes, expected.length);
    t.equal(pipeline.unansweredBytes, expected.length + encodeMessage(sizeRequest).length);
    t.same(pipeline.end(), [
      { caller: 'a', isSent: true },
      { caller: 'b', isSent: false },
      { caller: 'c', isSent: false },
    ]);
    t.same(pipeline.end(), [], 'each is told once');
    const other = new RequestPipeline<string>();
    other.add(getRequest('k'), 'b');
    other.add(sizeRequest, 'c');
    t.strictSame(Buffer.from(other.take()), expected);
    t.equal(received(other, encodeMessage(getReply)).length, 1);
    t.same(other.end(), [{ caller: 'c', isSent: true }]);
  },
);

syncTest(t, 'only a request that is too long is refused (part2/README.md#client-errors)', (t) => {
  const pipeline = new RequestPipeline<string>({ frameBytesMax: 100 });
  pipeline.add(sizeRequest, 'a');
  t.throws(() => pipeline.add(getRequest('k'.repeat(100)), 'b'), { code: 'TOO_LARGE' });
  pipeline.add(sizeRequest, 'd');
  t.same(
    pipeline.end().map(({ caller }) => caller),
    ['a', 'd'],
  );
});

syncTest(
  t,
  'a break in the order of the replies is an error, after the replies before it (part2/README.md#client-errors)',
  (t) => {
    const broken: [string, MessageFields | Uint8Array][] = [
      ['another opcode', getReply],
      ['no message', Uint8Array.of(2, 0xff, 0xff)],
      ['a frame without end', Uint8Array.of(255, 255, 255, 255, 255)],
      ['a frame above the limit', Uint8Array.of(255, 255, 255, 127)],
    ];
    for (const [what, reply] of cases(t, broken)) {
      const pipeline = sent(['a', sizeRequest], ['b', sizeRequest]);
      pipeline.add(sizeRequest, 'c');
      const bytes = Buffer.concat([
        encodeMessage(sizeReply),
        reply instanceof Uint8Array ? reply : encodeMessage(reply),
      ]);
      const callers: string[] = [];
      t.throws(
        () => {
          for (const { caller } of pipeline.receive(bytes)) callers.push(caller);
        },
        { code: 'INTERNAL' },
        what,
      );
      t.same(callers, ['a'], what);
      t.same(pipeline.end(), [
        { caller: 'b', isSent: true },
        { caller: 'c', isSent: false },
      ]);
    }
  },
);

syncTest(
  t,
  'a reply to a request that was not sent, or to none, is an error (part2/README.md#client-errors)',
  (t) => {
    const idle = sent();
    t.throws(() => received(idle, encodeMessage(sizeReply)), { code: 'INTERNAL' });
    const unsent = new RequestPipeline<string>();
    unsent.add(sizeRequest, 'a');
    t.throws(() => received(unsent, encodeMessage(sizeReply)), { code: 'INTERNAL' });
    t.same(unsent.end(), [{ caller: 'a', isSent: false }]);
    const closing = { ...errorReply, error: 7, detail: 'shutting down' };
    t.throws(() => received(sent(), encodeMessage(closing)), {
      code: 'SHUTTING_DOWN',
      message: 'shutting down',
    });
  },
);
