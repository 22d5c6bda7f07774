import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '@tablelab/shared';
import t from 'tap';
import { applyEdit } from '../src/check/edit.ts';
import { runVariants } from '../src/check/run-variants.ts';
import { loadVariants } from '../src/check/variants.ts';

// A solution that hangs takes 10 s, and a copy of the kit is made for each test.
t.setTimeout(120_000);

const root = join(import.meta.dirname, '../..');
const source = `
export class Counter {
  #count = 0;
  add(by: number): number {
    // the only place
    if (by > 0) this.#count += by;
    else throw new Error("no");
    return this.#count;
  }
}
export const twice = (n: number) => { const m = n + n; return m; };
`;
const edit = { file: 'counter.ts', in: 'Counter.add' };

t.test('an edit is found by its syntax: layout, quotes and comments do not count', async (t) => {
  const changed = (replace: string, by: string) => applyEdit(source, { ...edit, replace, by });
  t.match(changed('this . #count   += by', 'this.#count -= by'), 'if (by > 0) this.#count -= by;');
  t.match(changed("throw new Error('no');", 'return 0;'), 'else return 0;');
  t.match(changed('by > 0', 'by >= 0'), 'if (by >= 0) ');
  t.match(changed('this.#count += by;', ''), 'if (by > 0) ;', 'a statement that is left out');
  const two = 'if (by > 0) this.#count += by; else throw new Error("no"); return this.#count;';
  t.match(changed(two, 'return by;'), /add\(by: number\): number \{\s+\/\/ the only place\s+return by;\s+\}/);
  const body = applyEdit(source, { ...edit, in: 'twice', body: 'return 2 * n;' });
  t.match(body, /twice = \(n: number\) => \{\s+return 2 \* n;\s+\};/);
});

t.test('an edit that does not fit is refused, and says why', async (t) => {
  const refused = (fields: { in?: string; replace: string; by: string }, message: string) =>
    t.throws(() => applyEdit(source, { ...edit, ...fields }), { message });
  refused({ replace: 'this.#count', by: '0' }, 'counter.ts: 2 places in Counter.add match, instead of one');
  refused({ replace: 'by < 0', by: '0' }, 'counter.ts: 0 places in Counter.add match, instead of one');
  refused({ in: 'Counter.del', replace: 'by', by: '0' }, 'counter.ts has no Counter.del');
  refused({ replace: 'by > 0', by: 'by >' }, 'after the edit in Counter.add');
  refused({ replace: 'by > ', by: '0' }, 'to replace');
});

t.test('an error in a file of solutions is reported with its line', async (t) => {
  const load = (text: string) => {
    const folder = t.testdir({ wrong: { 'part1.yaml': text }, right: {} });
    mkdirSync(join(folder, 'right'), { recursive: true });
    return () => loadVariants(folder);
  };
  const good = `- name: one\n  mistake: A mistake.\n  rule: list-get\n  edits:\n    - file: a.ts\n      in: f\n      body: ''\n`;
  t.match(load(good)(), [{ name: 'one', part: 1, kind: 'wrong', rule: 'list-get' }]);
  t.throws(load(`${good}- name: Two words\n  mistake: x\n`), {
    message: /part1\.yaml:8: 1\.name: a name is/,
  });
  t.throws(load(good + good), { message: 'two solutions are called one' });
  t.throws(load('- name: [\n'), { message: /part1\.yaml: .* at line/ });
});

t.test('wrong solutions are caught by a test of their rule, also one that hangs', async (t) => {
  const names = ['list-keeps-the-old-entry', 'list-endless-loop', 'decoder-returns-a-view'];
  const variants = loadVariants(join(root, 'course')).filter(({ name }) => names.includes(name));
  t.equal(variants.length, names.length);
  for await (const { variant, isAsExpected, failed } of runVariants(root, variants, { jobs: 2 })) {
    t.ok(isAsExpected, `${variant.name}: ${failed.map(({ title }) => title).join('\n')}`);
    t.ok(failed.some(({ rules }) => rules.includes(`part1/README.md#${variant.rule}`)));
  }
});

t.test('a right solution passes, and a wrong one that nothing catches is reported', async (t) => {
  const [right] = loadVariants(join(root, 'course')).filter(({ name }) => name === 'recursive-list');
  const known = must(right, 'a right solution');
  const harmless = { ...known, name: 'harmless', kind: 'wrong', rule: 'list-get' } as const;
  const results = new Map<string, boolean>();
  for await (const { variant, isAsExpected } of runVariants(root, [known, harmless], { jobs: 2 })) {
    results.set(variant.name, isAsExpected);
  }
  t.same([...results].sort(), [
    ['harmless', false],
    ['recursive-list', true],
  ]);
});
