import t from 'tap';
import { KnownProperties } from '../src/grade/remote/known-properties.ts';

t.test('a property is read again after a call that may have changed it', async (t) => {
  const known = new KnownProperties(['verify']);
  const [core, other] = [{}, {}];
  let reads = 0;
  const read = (object: object, name = 'executed') =>
    known.get(object, name, () => {
      reads += 1;
      return reads;
    });
  t.same([read(core), read(core)], [1, 1]);
  t.equal(read(core, 'view'), 2, 'each property by itself');
  t.equal(read(other), 3, 'of each object by itself');
  known.called(core, 'verify');
  t.equal(read(core), 1, 'a query changes nothing');
  known.called(core, 'handle');
  t.same([read(core), read(core, 'view')], [4, 5]);
  t.equal(read(other), 3, 'nor does a call of another object');
});

t.test('undefined is a value; an error is thrown each time', async (t) => {
  const known = new KnownProperties([]);
  const core = {};
  let reads = 0;
  const read = () =>
    known.get(core, 'view', () => {
      reads += 1;
    });
  read();
  read();
  t.equal(reads, 1);
  const fail = () =>
    known.get(core, 'stable', () => {
      throw new Error('stopped');
    });
  t.throws(fail, /stopped/);
  t.throws(fail, /stopped/);
});
