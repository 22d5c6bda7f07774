import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { handoutRules } from '../../scripts/student/handout-rules.ts';
import { loadPart } from '../src/course-file.ts';
import { helpersOf } from '../src/handout/helpers.ts';
import { studentReadme } from '../src/handout/readme.ts';
import { languages, readmeOf, sectionsOf } from '../src/language.ts';
import { translationProblems } from '../src/translation.ts';

// The sources of all parts are read.
t.setTimeout(120_000);

const root = join(import.meta.dirname, '../..');
const parts = [1, 2, 3, 4];
const read = (file: string) => readFileSync(join(root, file), 'utf8');

t.test('both languages of a hand-out state the same rules, numbers, names and code', async (t) => {
  for (const part of cases(t, parts)) {
    t.same(translationProblems(read(readmeOf(part, 'en')), read(readmeOf(part, 'pt'))), [], `part ${part}`);
  }
});

t.test('so do both languages of the first page of a hand-out', async (t) => {
  for (const part of cases(t, parts)) {
    const course = loadPart(part, root);
    const helpers = helpersOf(course, root);
    const [english, portuguese] = languages.map((language) =>
      studentReadme(course, language, () => true, helpers),
    );
    t.same(translationProblems(english ?? '', portuguese ?? ''), [], `part ${part}`);
  }
});

t.test('each part and step has a title in both languages', async (t) => {
  for (const part of cases(t, parts)) {
    const course = loadPart(part, root);
    for (const { title, titlePt } of [course, ...course.steps]) t.ok(titlePt, title);
  }
});

t.test('all hand-outs have the same sections', async (t) => {
  for (const part of cases(t, parts)) {
    for (const language of languages) {
      const headings = [...read(readmeOf(part, language)).matchAll(/^## (.*)$/gm)].map(([, title]) => title);
      t.same(headings, sectionsOf[language], readmeOf(part, language));
    }
  }
});

t.test('a hand-out describes each step of its course file, in the same order', async (t) => {
  for (const part of cases(t, parts)) {
    const wanted = loadPart(part, root).steps.map(({ name }) => name);
    for (const language of languages) {
      const title = sectionsOf[language][2];
      const [, section = ''] =
        new RegExp(`^## ${title}\n(.*?)^## `, 'ms').exec(read(readmeOf(part, language))) ?? [];
      const described = [...section.matchAll(/^\d+\. `([\w-]+)`/gm)].map(([, name = '']) => name);
      // A teacher may delete a step from the course file only.
      t.same(
        described.filter((name) => wanted.includes(name)),
        wanted,
        readmeOf(part, language),
      );
    }
  }
});

t.test('a rule is marked as bonus if it is graded in a bonus step, and not if in a base step', async (t) => {
  for (const part of cases(t, parts)) {
    for (const language of languages) {
      const rules = handoutRules(read(readmeOf(part, language)));
      for (const { kind, rules: anchors } of loadPart(part, root).steps) {
        const wrong = anchors.filter(
          (anchor) => /^B[oó]nus: /.test(rules.get(anchor) ?? '') !== (kind === 'bonus'),
        );
        t.same(wrong, [], `${readmeOf(part, language)}: ${kind}`);
      }
    }
  }
});

t.test('a change of one language that forgets the other is reported with its rule', async (t) => {
  const original = read(readmeOf(1, 'en'));
  const translated = read(readmeOf(1, 'pt'));
  const changes: [from: string | RegExp, to: string, problem: RegExp][] = [
    [
      'from 1 to 4,194,304',
      'from 1 to 1,048,576',
      /^rule table-lists: numbers: 1048576 in the original, 4194304 in/,
    ],
    [
      'returns `true`.',
      'returns the entry.',
      /^rule list-add-appends: code: nothing more in the original, `true` in/,
    ],
    [
      '<a id="list-size"></a>',
      '<a id="list-length"></a>',
      /^rules: list-length in the original, list-size in/,
    ],
    [/- <a id="table-map">.*\n/, '', /^rules: nothing more in the original, table-map in the translation$/],
    ["table.put('cart:1'", "table.put('cart:2'", /^code blocks: /],
    ['### Bytes', '## Bytes', /^sections: /],
    [
      '- Check sizes before you allocate, never after.\n',
      '',
      /^section "Hints": paragraphs, items and rows: /,
    ],
    [
      'Data may be empty.',
      'Data may be empty, or gets NO_DATA.',
      /^rule data-duplicate: names: NO_DATA in the original/,
    ],
  ];
  t.same(translationProblems(original, translated), []);
  for (const [from, to, problem] of cases(t, changes)) {
    const changed = original.replace(from, to);
    t.not(changed, original, `${from} is there`);
    const problems = translationProblems(changed, translated);
    t.ok(
      problems.some((one) => problem.test(one)),
      `${from}: reported`,
      { problems },
    );
  }
});
