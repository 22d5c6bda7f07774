import { errorText, TableError } from '@tablelab/shared';
import t from 'tap';

t.test('a TableError has a code, a cause, and whether the operation may have happened', async (t) => {
  const cause = new Error('socket closed');
  const lost = new TableError('UNREACHABLE', 'the server is gone', { cause, mayHaveHappened: true });
  t.match(lost, {
    name: 'TableError',
    code: 'UNREACHABLE',
    message: 'the server is gone',
    cause,
    mayHaveHappened: true,
  });
  const refused = new TableError('BAD_REQUEST', 'a key holds no NUL');
  t.equal(refused.mayHaveHappened, false, 'unless told otherwise, it did not happen');
  t.notOk('cause' in refused, 'no cause is no property');
});

t.test('errorText is the message of an error and the text of anything else', async (t) => {
  t.equal(errorText(new TableError('BUSY', 'queue full')), 'queue full');
  t.equal(errorText('thrown text'), 'thrown text');
  t.equal(errorText(undefined), 'undefined');
});
