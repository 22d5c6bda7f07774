import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { stubSource } from '../src/stubs.ts';
import { stubsOf } from '../src/stubs-of.ts';

const root = join(import.meta.dirname, '../..');
const rules = ['part1/README.md#rule'];

/** The stubbed source without blank lines and indentation. */
function stubbed(source: string, ...members: string[]): string[] {
  const text = stubSource(
    'example.ts',
    source,
    members.map((member) => ({ member, rules })),
  );
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

const error = (member: string) => `throw new Error('yours to write: ${member}, see part1/README.md#rule');`;

t.test('a body becomes an error that names the member and the rules; the docstring stays', async (t) => {
  const source = '/** Doubles. */\nexport function twice(n: number): number {\n  return 2 * n; // yes\n}\n';
  t.same(stubbed(source, 'twice'), [
    '/** Doubles. */',
    'export function twice(n: number): number {',
    error('twice'),
    '}',
  ]);
  const two = stubSource('example.ts', source, [
    { member: 'twice', rules: ['part1/README.md#a', 'part1/README.md#b'] },
  ]);
  t.match(two, "'yours to write: twice, see part1/README.md#a, part1/README.md#b'");
});

t.test('methods, getters, constructors, static and computed methods, arrow functions', async (t) => {
  const source = `
export class Box {
  readonly size: number;
  constructor(size: number) { this.size = size; }
  get half(): number { return this.size / 2; }
  static of(size: number): Box { return new Box(size); }
  *[Symbol.iterator](): Generator<number> { yield this.size; }
  #hidden(): number { return 1; }
  open(): number { return this.#hidden(); }
}
export const area = (box: Box): number => box.size ** 2;
`;
  for (const member of cases(t, [
    'Box.constructor',
    'Box.half',
    'Box.of',
    'Box[Symbol.iterator]',
    'Box.#hidden',
    'area',
  ])) {
    const lines = stubbed(source, member);
    t.equal(lines.filter((line) => line === error(member)).length, 1, member);
    t.equal(lines.filter((line) => line.startsWith('throw')).length, 1, `only ${member}`);
  }
  t.notMatch(
    stubbed(source, 'Box[Symbol.iterator]').join('\n'),
    '*[',
    'a generator without yield does not lint',
  );
});

t.test('the constructor of a derived class still calls super', async (t) => {
  const source = `
class Base { readonly n: number; constructor(n: number) { this.n = n; } }
export class Derived extends Base {
  readonly m: number;
  constructor(n: number) { super(n); this.m = n; }
}
`;
  t.match(stubbed(source, 'Derived.constructor').join('\n'), 'super(n);\nthrow');
});

t.test('what only stubbed bodies used goes, also indirectly; what others use stays', async (t) => {
  const source = `
import { readFile, writeFile } from 'node:fs';
import type { Stats } from 'node:fs';
import { join } from 'node:path';

/** Only for inner. */
const limit = 3;

const shared = 4;

interface Hidden { readonly n: number }

type Loop = { readonly next: Loop | undefined };

export function outer(): number {
  return inner({ n: shared });
}

export function other(): number {
  return shared + writeFile.length;
}

/** A helper. */
function inner({ n }: Hidden): number {
  const loop: Loop = { next: undefined };
  return n + limit + join.length + readFile.length + (loop.next ? 1 : 0) + ({} as Stats).size; // behind
}
`;
  t.same(stubbed(source, 'outer'), [
    "import { writeFile } from 'node:fs';",
    'const shared = 4;',
    'export function outer(): number {',
    error('outer'),
    '}',
    'export function other(): number {',
    'return shared + writeFile.length;',
    '}',
  ]);
});

t.test('private members go with their assignments in code that stays', async (t) => {
  const source = `
export class Counter {
  /** Counts. */
  readonly #counts = new Map<string, number>();
  #total = 0;
  #limit: number;
  constructor(limit: number) {
    this.#limit = limit;
    this.#total += 1;
  }
  add(key: string): void {
    this.#raise(key);
  }
  get limit(): number {
    return this.#limit;
  }
  /** One more. */
  #raise(key: string): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + this.#total);
    this.#raise(key);
  }
}
`;
  t.same(stubbed(source, 'Counter.add'), [
    'export class Counter {',
    '#limit: number;',
    'constructor(limit: number) {',
    'this.#limit = limit;',
    '}',
    'add(key: string): void {',
    error('Counter.add'),
    '}',
    'get limit(): number {',
    'return this.#limit;',
    '}',
    '}',
  ]);
});

t.test('a body at first stands there below a comment, with what it uses', async (t) => {
  const source = `
import { floor, round } from './numbers.ts';

/** What the reference uses. */
const exact = 100;

const rough = 10;

/** Cuts. */
export function cut(n: number): number {
  return round(n * exact) / exact;
}
export function other(): number {
  return 1;
}
`;
  const stubs = [{ member: 'cut', rules, atFirst: '// Roughly.\nreturn floor(n * rough) / rough;' }];
  const lines = stubSource('example.ts', source, stubs).split('\n');
  t.same(
    lines.map((line) => line.trim()).filter((line) => line !== ''),
    [
      "import { floor } from './numbers.ts';",
      'const rough = 10;',
      '/** Cuts. */',
      'export function cut(n: number): number {',
      '// yours to write: cut, see part1/README.md#rule',
      '// Roughly.',
      'return floor(n * rough) / rough;',
      '}',
      'export function other(): number {',
      'return 1;',
      '}',
    ],
  );
});

t.test('a body at first goes with a private member that only other stubs used', async (t) => {
  const source = 'export class Box { open(): number { return this.#lid(); } #lid(): number { return 1; } }';
  const lid = { member: 'Box.#lid', rules, atFirst: 'return 0;' };
  t.match(stubSource('example.ts', source, [lid]), 'return 0;');
  t.notMatch(stubSource('example.ts', source, [lid, { member: 'Box.open', rules }]), '#lid');
});

t.test('private members of one name in two classes are two', async (t) => {
  const source = `
export class One { #n = 1; get(): number { return this.#n; } }
export class Two { #n = 2; get(): number { return this.#n; } }
`;
  const text = stubbed(source, 'One.get').join('\n');
  t.notMatch(text, '#n = 1');
  t.match(text, '#n = 2');
});

t.test('an import of which only types are left is an import of types', async (t) => {
  const source = `
import { make, type Made, type Part } from './made.ts';
export function build(): Made { return make(); }
export const parts: Part[] = [];
`;
  t.equal(stubbed(source, 'build')[0], "import type { Made, Part } from './made.ts';");
});

t.test('a file header stays, although the import below it goes', async (t) => {
  const source =
    "/** About this file. */\n\nimport { a } from './a.ts';\n\nexport function f(): number {\n  return a;\n}\n";
  t.same(stubbed(source, 'f').slice(0, 2), ['/** About this file. */', 'export function f(): number {']);
});

t.test('a member that is not there, and a source that does not parse', async (t) => {
  t.throws(() => stubbed('export function f(): void {}', 'g'), {
    message: 'example.ts has no function or method g',
  });
  t.throws(() => stubbed('export function f( {}', 'f'), { message: /^example\.ts:1: / });
});

t.test('each stub of the course files names its own rules, and only these', async (t) => {
  for (const part of cases(t, [1, 2, 3, 4])) {
    for (const [file, stubs] of stubsOf(loadPart(part, root))) {
      for (const { member, rules } of stubs) {
        t.notMatch(rules.join(' '), 'and others', `${file}: ${member} names the rules of its whole step`);
      }
    }
  }
  const skeleton = stubsOf(loadPart(2, root)).get('part2/src/server/skeleton.ts');
  const rulesOf = (name: string) => skeleton?.find(({ member }) => member === name)?.rules;
  t.same(rulesOf('executions.scan'), ['part2/README.md#message-scan']);
  t.same(rulesOf('Skeleton.invoke'), ['part2/README.md#message-size', '#message-error']);
});
