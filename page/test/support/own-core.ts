import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { OwnCore } from '../../src/server/own-core.ts';
import { serve } from '../../src/server/serve.ts';
import { Site } from '../../src/server/site.ts';
import { newPage, root } from './browser.ts';

/** A copy of the core that a test changes. It lies outside of the kit, as a student's may. */
export async function openCopy(t: Test, hash: string, files: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'core-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const core = join(root, 'part4/src/core');
  if (files.length === 0) cpSync(core, folder, { recursive: true });
  for (const file of files) cpSync(join(core, file), join(folder, file));
  const server = await serve(new Site(root, new OwnCore(root, join(folder, 'chain-core.ts'))), 0);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const page = await newPage(t);
  const watching = page.waitForResponse((response) => response.url().endsWith('/changes'));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${hash}`);
  await watching;
  /** Replaces a text that occurs once. */
  const change = (file: string, find: string, replace: string) => {
    const source = readFileSync(join(folder, file), 'utf8');
    t.equal(source.split(find).length, 2, `${find} occurs once in ${file}`);
    writeFileSync(
      join(folder, file),
      source.replace(find, () => replace),
    );
    const lines = source.slice(0, source.indexOf(find)).split('\n').length;
    return `${join(folder, file)}:${lines}`;
  };
  return { page, folder, change };
}
