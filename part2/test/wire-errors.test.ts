import { syncTest } from '@tablelab/part1/testing';
import {
  ContentType,
  decodeMessage,
  ErrorNumber,
  encodeMessage,
  errorFromReply,
  errorReply,
  FrameDecoder,
  formatAddress,
  type MessageFields,
  Opcode,
  parseAddress,
} from '@tablelab/part2';
import { TableError } from '@tablelab/shared';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';

const { OP_ERROR } = Opcode;
const { CT_NONE, CT_RESULT } = ContentType;

const payloadOf = (message: MessageFields) => {
  const [payload] = [...new FrameDecoder().push(encodeMessage(message))];
  return payload ?? new Uint8Array(0);
};

syncTest(t, 'errors travel with code and detail (part2/README.md#message-error)', (t) => {
  const sent = errorReply(new TableError('KEY_ABSENT', 'there is no such key'));
  t.same(sent, {
    opcode: OP_ERROR,
    c_type: CT_NONE,
    error: ErrorNumber.KEY_ABSENT,
    detail: 'there is no such key',
  });
  const received = errorFromReply(decodeMessage(payloadOf(sent)));
  t.match(received, { code: 'KEY_ABSENT', message: 'there is no such key', mayHaveHappened: false });

  t.match(errorReply(new Error('bug')), { error: ErrorNumber.INTERNAL, detail: 'bug' });
  t.match(errorReply('thrown text'), { error: ErrorNumber.INTERNAL, detail: 'thrown text' });
  t.equal(errorReply(new Error('x'.repeat(100_000))).detail?.length, 1_000, 'a detail has a limit');
  const halfPair = errorReply(new Error(`${'x'.repeat(999)}\u{1F6D2}`));
  t.ok(halfPair.detail?.isWellFormed(), 'cut without half a character');

  const reply = (fields: Partial<MessageFields>) =>
    decodeMessage(payloadOf({ opcode: OP_ERROR, c_type: CT_NONE, ...fields }));
  const internal = errorFromReply(reply({ error: ErrorNumber.INTERNAL }));
  t.match(internal, { code: 'INTERNAL', mayHaveHappened: true }, 'it may have got anywhere');
  t.match(errorFromReply(reply({ error: ErrorNumber.UNCERTAIN })), {
    code: 'UNCERTAIN',
    mayHaveHappened: true,
  });
  t.equal(
    errorFromReply(reply({ error: ErrorNumber.BUSY }), { mayHaveHappened: true }).mayHaveHappened,
    true,
  );
  t.match(errorFromReply(reply({})), { code: 'INTERNAL' }, 'without a code');
  t.match(errorFromReply(reply({ c_type: CT_RESULT, result: -1 })), { code: 'INTERNAL' });
  t.match(errorFromReply(reply({ error: 77 })), { code: 'INTERNAL' }, 'an unknown code');
});

syncTest(t, 'addresses are host:port (part2/README.md#client-arguments)', (t) => {
  const good: [string, string, number][] = [
    ['127.0.0.1:1', '127.0.0.1', 1],
    ['localhost:65535', 'localhost', 65_535],
    ['[::1]:12345', '::1', 12_345],
    ['[2001:db8::1.2.3.4]:80', '2001:db8::1.2.3.4', 80],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
  ];
  for (const [text, host, port] of cases(t, good)) {
    t.same(parseAddress(text), { host, port });
    t.equal(formatAddress({ host, port }), text);
  }
  const bad = [
    '',
    ':',
    'host',
    ':80',
    'host:',
    'host:0',
    'host:65536',
    'host:8o',
    'a:b:80',
    '::1:80',
    '[::1]',
    'h h:1',
    '[host]:80',
    'host:80 ',
    '[]:80',
    '[1.2.3.4]:80',
    '[1::2::3]:80',
    '[::\n1]:80',
    '[::1%]:80',
  ];
  for (const text of cases(t, bad))
    t.throws(() => parseAddress(text), { code: 'BAD_REQUEST' }, JSON.stringify(text));
});
