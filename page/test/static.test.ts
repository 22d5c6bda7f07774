/** `npm run page -- --out DIR`: static files that work on any server, under any path, and ask no other host for anything. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { noBrowser, newPage, root } from './support/browser.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** The most that all files may have, each compressed, in bytes. */
const compressedBytesMax = 1_048_576;

function writePage(folder: string) {
  const program = join(root, 'page/src/programs/page.ts');
  return spawnSync('env', ['-u', 'NODE_OPTIONS', process.execPath, program, '--out', folder], {
    encoding: 'utf8',
  });
}

t.test('the files are few enough bytes, and go only into an empty folder', async (t) => {
  const folder = join(t.testdir(), 'new/site');
  const { stdout, stderr, status } = writePage(folder);
  t.equal(status, 0, stderr);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  t.equal(stdout, `${files.length} files in ${folder}\n`);
  let bytes = 0;
  for (const { parentPath, name } of files) bytes += gzipSync(readFileSync(join(parentPath, name))).length;
  t.ok(bytes <= compressedBytesMax, `${bytes} bytes`);

  const again = writePage(folder);
  t.equal(again.status, 2);
  t.match(again.stderr, 'is not empty');
});

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

t.test('they work under any path, and ask no other host', options, async (t) => {
  const folder = join(t.testdir(), 'site');
  t.equal(writePage(folder).status, 0);
  const path = '/~teacher/2027/chain/';
  const server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const file = join(folder, pathname.endsWith('/') ? 'index.html' : pathname.slice(path.length));
    if (!pathname.startsWith(path) || !existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(file)] }).end(readFileSync(file));
  });
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  const page = await newPage(t);
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(address)) elsewhere.push(request.url());
  });
  await page.goto(`${address}#seed=1&step=2000`);
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  await page.locator('.server').first().waitFor();
  t.same(elsewhere, []);

  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  t.match(policy, "default-src 'none'; script-src 'self'; style-src 'self'");
  t.notMatch(policy, /unsafe|https?:|\*/);
  page.removeAllListeners('console');
  // What the policy forbids is refused, so it is in force: code in an attribute, and a request to another host.
  const refused = await page.evaluate(async () => {
    const violations: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      violations.push(effectiveDirective);
      if (violations.length === 2) resolve();
    });
    document.querySelector('h1')?.setAttribute('onclick', 'alert(1)');
    fetch('http://127.0.0.2/').catch(() => undefined);
    await promise;
    return violations.sort();
  });
  t.same(refused, ['connect-src', 'script-src-attr']);
});
