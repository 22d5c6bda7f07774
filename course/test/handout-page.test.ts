/** The page in a hand-out of part 4: it plays what the student writes, and names no line of the solution. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { linkPackages } from '../src/check/student-copy.ts';
import { makeHandout } from '../src/handout/make.ts';

const root = join(import.meta.dirname, '../..');

t.setTimeout(120_000);

t.test('the page plays the functions that are yet to write, and has no core with a mistake', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'tablelab-handout-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'out');
  makeHandout(root, { part: 4, out });
  linkPackages(root, out, 4);
  const { Site } = (await import(join(out, 'page/src/server/site.ts'))) as {
    readonly Site: new (folder: string) => { files(): Map<string, { readonly body: string }> };
  };
  const files = new Site(out).files();
  t.match(files.get('modules/part4/src/core/chain-core.js')?.body, 'class ChainCore');
  const core = [...files].filter(([path]) => path.startsWith('modules/part4/src/core/'));
  t.ok(
    core.some(([, { body }]) => body.includes('yours to write')),
    'the core is the student’s',
  );
  t.same(
    [...files.keys()].filter((path) => path.includes('mutants')),
    [],
  );
  const names = readdirSync(join(out, 'page'), { recursive: true, encoding: 'utf8' });
  t.same(
    names.filter((name) => name.startsWith('test')),
    [],
    'its tests need a browser, and stay behind',
  );
  const { packages } = JSON.parse(readFileSync(join(out, 'package-lock.json'), 'utf8'));
  t.ok('node_modules/preact' in packages);
  for (const name of ['playwright-core', 'axe-core']) t.notOk(`node_modules/${name}` in packages, name);
});
