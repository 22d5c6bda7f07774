import t from 'tap';
import { diagnose, type Signature } from '../src/diagnose.ts';

function signature(name: string, ...failed: string[]): Signature {
  return { name, mistake: `The mistake ${name}.`, failed };
}

const signatures = [
  signature('copies', 'a', 'b', 'c'),
  signature('size', 'd', 'e'),
  signature('order', 'c', 'f'),
  signature('everything', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'),
];
const named = (...failures: string[]) => diagnose(failures, signatures).map(({ name }) => name);

t.test('one mistake is found by what fails for it', async (t) => {
  t.same(diagnose(['a', 'b', 'c'], signatures), [{ name: 'copies', mistake: 'The mistake copies.', fit: 1 }]);
  t.same(named('e', 'd'), ['size'], 'in any order');
  t.match(
    diagnose(['a', 'b', 'c', 'x'], signatures),
    [{ name: 'copies', fit: 0.75 }],
    'one failure is not explained',
  );
});

t.test('two mistakes at once are both found, also where both fail one test', async (t) => {
  t.same(named('a', 'b', 'c', 'd', 'e').sort(), ['copies', 'size']);
  t.same(named('a', 'b', 'c', 'f').sort(), ['copies', 'order']);
  t.ok(diagnose(['a', 'b', 'c', 'f'], signatures).every(({ fit }) => fit === 1));
});

t.test('where none fits, none is named', async (t) => {
  t.same(named(), []);
  t.same(named('x', 'y', 'z'), []);
  t.same(named('a'), [], 'most of what fails for the mistake passes');
  t.same(named('d', 'e', 'x', 'y', 'z'), [], 'most failures have another cause');
});
