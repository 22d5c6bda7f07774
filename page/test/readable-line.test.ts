/** Lines of a trace, for people; and when clients ceased to wait. */
import t from 'tap';
import { ClientCalls } from '../src/browser/client-calls.ts';
import { readableLine } from '../src/browser/readable-line.ts';
import type { OperationPicture } from '../src/browser/recording.ts';

const put: OperationPicture = {
  client: 'you',
  text: 'put "a" = "one"',
  outcome: 'may-have-happened',
  callMs: 10.0004,
  returnMs: undefined,
};
const get: OperationPicture = { ...put, text: 'get "a" -> "one"', outcome: 'ok', returnMs: 14 };

t.test('a value is text if it is one', async (t) => {
  t.equal(readableLine('10.000 you call 1 put a=6f6e65', []), 'you call 1 put a="one"');
  t.equal(readableLine('10.000 c2 call 1 put a=0001', []), 'c2 call 1 put a=0001');
  t.equal(
    readableLine('10.000 c0 call 4 putIfEquals a=6f6e65 where 0001', []),
    'c0 call 4 putIfEquals a="one" where 0001',
  );
});

t.test('names and times are short', async (t) => {
  const line = '10.000 s0#1 > write 0123456789abcdef0123456789abcdef at 12.123456789';
  t.equal(readableLine(line, []), 's0#1 > write 0123… at 12.1');
});

t.test('the end of a call says what was asked and answered', async (t) => {
  const calls = new ClientCalls();
  for (const line of [
    '10.000 you call 1 put a=6f6e65',
    '10.000 you call 2 verify 0:2',
    '10.000 you call 3 get a',
    '11.000 you done 2 verified',
    '14.000 you done 3 value',
    '20.000 you done 1 TIMEOUT no answer',
  ])
    calls.take(line);
  const operations = calls.addedTo([put, get, { ...put, client: 'ana' }]);
  t.strictSame(
    operations.map(({ number, endMs }) => [number, endMs]),
    [
      [1, 20],
      [3, 14],
      [undefined, undefined],
    ],
    'a verify is no operation, and another client has none of these calls',
  );
  t.equal(readableLine('14.000 you done 3 value', operations), 'you done 3 value: get "a" -> "one"');
  t.equal(readableLine('11.000 you done 2 verified', operations), 'you done 2 verified');
});
