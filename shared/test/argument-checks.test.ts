import { checkBytes, checkMilliseconds, checkText, isCount, TableError } from '@tablelab/shared';
import t from 'tap';

const wrong = (message: string) => new TableError('BAD_REQUEST', message);

t.test('an argument of the wrong type is refused, with the expected and the found type', async (t) => {
  t.throws(() => checkText('a key', null), wrong('a key is a string, not null'));
  t.throws(() => checkText('a key', ['a']), wrong('a key is a string, not Array'));
  t.throws(() => checkText('a key', Symbol('k')), wrong('a key is a string, not a symbol'));
  t.throws(() => checkBytes('a value', 'text'), wrong('a value is a Uint8Array, not a string'));
  t.throws(
    () => checkBytes('a value', new Uint16Array(1)),
    wrong('a value is a Uint8Array, not Uint16Array'),
  );
  t.throws(() => checkBytes('a value', 7n), wrong('a value is a Uint8Array, not a bigint'));
  t.throws(
    () => checkMilliseconds('deadlineMs', Number.NaN),
    wrong('deadlineMs is more than 0 and at most 2147483647 milliseconds, not NaN'),
  );
});

t.test('transferred bytes are refused, not treated as an empty value', async (t) => {
  const bytes = Uint8Array.of(1);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  t.throws(() => checkBytes('a value', bytes), {
    code: 'BAD_REQUEST',
    message: /^a value has lost its bytes/,
  });
  t.doesNotThrow(() => checkBytes('a value', new Uint8Array(0)));
  t.doesNotThrow(() => checkBytes('a value', new Uint8Array(new SharedArrayBuffer(0))));
  t.doesNotThrow(() => checkBytes('a value', Buffer.from('text')));
});

t.test('a count is a whole number from 0 up that is exact', async (t) => {
  for (const count of [0, 1, Number.MAX_SAFE_INTEGER]) t.ok(isCount(count), `${count}`);
  for (const none of [-1, 0.5, 2 ** 53, Number.NaN, '1', undefined]) t.notOk(isCount(none), `${none}`);
});
