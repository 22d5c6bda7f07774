import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadPart } from '../src/course-file.ts';
import { filesOf } from '../src/grade/grade.ts';
import { type SimilarPair, similarPairs } from '../src/similarity/similar-pairs.ts';
import { similarityPage } from '../src/similarity/similarity-page.ts';
import { type Sources, tokensOf } from '../src/similarity/tokens.ts';
import { allHashes, fingerprintsOf, guaranteedTokens } from '../src/similarity/winnowing.ts';
import { stubSource } from '../src/stubs.ts';
import { stubsOf } from '../src/stubs-of.ts';

const root = join(import.meta.dirname, '../..');
const { steps } = loadPart(1, root);
const reference: Sources = new Map(
  filesOf(steps).map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);
const template = new Map(reference);
for (const [file, stubs] of stubsOf({ part: 1, steps })) {
  template.set(file, stubSource(file, template.get(file) ?? '', stubs));
}

const pairsOf = (one: Sources, other: Sources, given = template): SimilarPair[] =>
  similarPairs({
    students: new Map([
      ['ana', one],
      ['eva', other],
    ]),
    template: given,
  });

const changed = (change: (source: string) => string): Sources =>
  new Map([...reference].map(([file, source]) => [file, change(source)]));

t.test('what a copier changes is found: names, comments, layout, order, types', async (t) => {
  const disguises: Readonly<Record<string, Sources>> = {
    'renamed variables and private members': changed((source) =>
      source
        .replace(/\b(node|entry|list|bytes|buffer|key|value)\b(?!['"/])/g, 'x_$1')
        .replace(/#(\w+)/g, '#y$1'),
    ),
    'other comments and blank lines': changed((source) =>
      source.replace(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '/* mine */').replaceAll('\n', '\n\n'),
    ),
    'types left out': changed((source) =>
      source.replace(/: (Uint8Array|Entry|number|string|boolean)\b(?=[,)= ])/g, ''),
    ),
    'functions in another order': new Map(
      [...reference].map(([file, source]) => [file, withFunctionsReversed(source)]),
    ),
    'files in another order': new Map([...reference].reverse()),
  };
  for (const [name, sources] of Object.entries(disguises)) {
    t.notSame([...sources], [...reference], name);
    const [pair] = pairsOf(reference, sources);
    t.ok(pair !== undefined && pair.share > 0.8, `${name}: ${pair?.share.toFixed(2)}`);
    t.ok((pair?.places[0]?.tokens ?? 0) >= guaranteedTokens, `${name}: with a place`);
  }
});

/** A file's functions in the reverse order. */
function withFunctionsReversed(source: string): string {
  const functions = source.match(/^(export )?function [\s\S]*?^}$/gm) ?? [];
  const rest = source.replace(/^(export )?function [\s\S]*?^}$/gm, '');
  return `${rest}\n${functions.reverse().join('\n\n')}\n`;
}

/** A right solution of part 1 that was written from the hand-out alone, all files in one. */
function independentSolution(): Sources {
  const text = readFileSync(join(import.meta.dirname, 'fixtures/independent-part1.txt'), 'utf8');
  const parts = text.split(/^=== (.*)\n/m).slice(1);
  return new Map(
    Array.from({ length: parts.length / 2 }, (_, index) => [
      parts[2 * index] ?? '',
      parts[2 * index + 1] ?? '',
    ]),
  );
}

t.test('two solutions that were written independently are not similar', async (t) => {
  const independent = independentSolution();
  t.same([...independent.keys()].sort(), [...reference.keys()].sort());
  t.same(pairsOf(reference, independent), []);
  // They are large enough to be found.
  const renamed = new Map(
    [...independent].map(([file, source]) => [file, source.replaceAll('node', 'item')]),
  );
  t.equal(pairsOf(independent, renamed)[0]?.share, 1);
});

t.test("what the hand-out has is nobody's", async (t) => {
  t.same(pairsOf(template, new Map(template)), [], 'nothing but given code');
  const fingerprints = fingerprintsOf(tokensOf(reference), allHashes(tokensOf(reference)));
  t.same(fingerprints, []);
});

t.test('winnowing finds each common row of a guaranteed length, wherever it stands', async (t) => {
  const row = (count: number, prefix: string) =>
    Array.from({ length: count }, (_, index) => ({ kind: `${prefix}${index}`, file: 'f', start: 0, end: 0 }));
  const common = row(guaranteedTokens, 'common');
  for (let before = 0; before < 60; before += 1) {
    const one = [...row(before, 'a'), ...common, ...row(40, 'b')];
    const other = [...row(33, 'c'), ...common, ...row(7, 'd')];
    const hashes = new Set(fingerprintsOf(one, new Set()).map(({ hash }) => hash));
    const found = fingerprintsOf(other, new Set()).filter(({ hash }) => hashes.has(hash));
    if (found.length === 0) t.fail(`${before} tokens before it: not found`);
  }
  t.same(fingerprintsOf(row(guaranteedTokens - 8, 'short'), new Set()), [], 'a short row has none');
});

t.test('a file that cannot be parsed has no tokens, and a pair shows its places side by side', async (t) => {
  t.same(tokensOf(new Map([['broken.ts', 'export function {']])), []);
  const pairs = pairsOf(
    reference,
    changed((source) => source.replace('/**', '/** <script>alert(1)</script> ')),
  );
  const [pair] = pairs;
  t.equal(pair?.share, 1);
  const [place] = pair?.places ?? [];
  const source = reference.get(place?.one.file ?? '') ?? '';
  t.ok(source.split('\n')[(place?.one.line ?? 0) - 1] === place?.one.text.split('\n')[0], 'at its line');
  const page = similarityPage({ part: 'part1', students: 2, pairs });
  t.notMatch(page, /<script|src=|href=/, 'the page needs nothing');
  t.match(page, /<h2>ana and eva: 100 %<\/h2>/);
});
