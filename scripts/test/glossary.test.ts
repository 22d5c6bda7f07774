import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';

const docs = join(import.meta.dirname, '../../docs');
const text = readFileSync(join(docs, 'glossary.md'), 'utf8');

/** Letters and digits only, so that "pending successor" is found in `pendingSuccessor` and across the lines of a comment. */
const plain = (words: string) => words.toLowerCase().replace(/[^a-z0-9]/g, '');

const terms = text
  .split(/^- /m)
  .slice(1)
  .map((entry) => {
    const [, term = '', , file = ''] = /^\*\*(.+?)\*\*: [^[]+\[(.+)\]\((.+)\)\n$/s.exec(entry) ?? [];
    return { term, file, entry };
  });

t.test('each term of the glossary names a file that exists and mentions it', async (t) => {
  t.ok(terms.length > 100, `${terms.length} terms`);
  for (const { term, file, entry } of cases(t, terms)) {
    const path = join(docs, file);
    const owner = term !== '' && existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    t.ok(owner !== undefined && plain(owner).includes(plain(term)), `${term}: ${file || entry}`);
  }
});

t.test('the terms of the glossary are sorted, and each has one entry', async (t) => {
  const names = terms.map(({ term }) => plain(term));
  t.strictSame(names, [...new Set(names)].sort());
});

t.test('the files that ARCHITECTURE.md and the hand-outs name are there', async (t) => {
  const root = join(docs, '..');
  const pages = [
    'ARCHITECTURE.md',
    'README.md',
    'CONTRIBUTING.md',
    'docs/client.md',
    'docs/operations.md',
    ...[1, 2, 3, 4].map((n) => `part${n}/README.md`),
  ];
  for (const page of cases(t, pages)) {
    const named = readFileSync(join(root, page), 'utf8').matchAll(
      /`((?:part[1-4]|shared|scripts|docs|environments)\/[\w./-]+)`/g,
    );
    const missing = [...named].map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)));
    t.strictSame(missing, [], page);
  }
});

t.test('links of the pages lead to files, and to headings or anchors in them', async (t) => {
  const root = join(docs, '..');
  const own = ['ARCHITECTURE.md', 'README.md', 'CONTRIBUTING.md'].map((page) => join(root, page));
  const texts = readdirSync(docs).filter((name) => name.endsWith('.md'));
  const pages = [...own, ...texts.map((page) => join(docs, page))];
  for (const page of cases(t, pages)) {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    t.strictSame(
      broken.map(([link]) => link),
      [],
      page,
    );
  }
});

/** As GitHub names them: headings in lower case, with a dash for each blank and nothing for punctuation. */
function anchorsOf(page: string): Set<string> {
  const source = readFileSync(page, 'utf8');
  const headings = [...source.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...headings, ...[...source.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]);
}
