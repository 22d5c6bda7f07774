/** Which files the page consists of, and who gets them. */
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { lessons } from '@tablelab/part4/sim/lessons';
import t from 'tap';
import { crc32 as crc32OfPage } from '../src/browser/node/zlib.ts';
import { serve } from '../src/server/serve.ts';
import { Site } from '../src/server/site.ts';
import { root } from './support/browser.ts';

t.test('the page imports nothing that a browser has not', async (t) => {
  const files = [...new Site(root).modulesFrom(['page/src/browser/main.ts']).keys()];
  t.ok(files.includes('part4/sim/run-seed.ts'), 'it has the real simulator');
  t.ok(files.includes('part4/src/core/chain-core.ts'), 'and the real core');
  t.same(
    files.filter((file) => /part[234]\/src\/index\.ts$/.test(file)),
    [],
    'no index of a part, which would bring its servers',
  );
});

t.test('an import that a browser cannot have is named, with the chain of imports', async (t) => {
  const folder = t.testdir({
    part9: {
      'page.ts':
        "import type { Stats } from 'node:fs';\nimport { one } from './one.ts';\nexport const all = one;\n",
      'one.ts': "export { two as one } from './two.ts';\n",
      'two.ts': "import { readFileSync } from 'node:fs';\nexport const two = readFileSync;\n",
    },
  });
  t.throws(() => new Site(folder).modulesFrom(['part9/page.ts']), {
    message: 'nothing is served for "node:fs", in part9/page.ts > part9/one.ts > part9/two.ts',
  });
});

t.test('a lesson about a mistake has a core with this mistake, and nothing else differs', async (t) => {
  const files = new Site(root).files();
  for (const { name, mutant } of lessons) {
    if (mutant === undefined) continue;
    const folder = `modules/mutants/${mutant}/`;
    const own = [...files.keys()].filter((path) => path.startsWith(folder));
    t.ok(own.includes(`${folder}part4/src/core/chain-core.js`), `${name} has its core`);
    const right = (path: string) => files.get(path.replace(`mutants/${mutant}/`, ''))?.body;
    const withoutImports = (text = '') => text.replaceAll(/'\.[^']*\.js'/g, '');
    const different = own.filter(
      (path) => withoutImports(files.get(path)?.body) !== withoutImports(right(path)),
    );
    t.equal(different.length, 1, `${name}: one of ${own.length} modules has the mistake`);
    for (const path of own) {
      for (const [, target = ''] of (files.get(path)?.body ?? '').matchAll(/from '(\.[^']*)'/g))
        t.ok(files.has(join(dirname(path), target)), `${path} imports ${target}`);
    }
  }
});

t.test('the page has the CRC-32 of Node', async (t) => {
  const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => (index * 7919) >> 3);
  for (const length of [0, 1, 9, 1_000])
    t.equal(crc32OfPage(bytes.subarray(0, length)), crc32(bytes.subarray(0, length)));
  t.equal(
    crc32OfPage(bytes.subarray(400), crc32OfPage(bytes.subarray(0, 400))),
    crc32(bytes),
    'in two pieces',
  );
});

t.test('the server is only for this machine, and serves only the page', async (t) => {
  const server = await serve(new Site(root), 0);
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { address, port } = server.address() as AddressInfo;
  t.equal(address, '127.0.0.1');
  const get = (path: string, host = `127.0.0.1:${port}`, method = 'GET') =>
    new Promise<{ status: number | undefined; policy: string }>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers: { host } }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, policy: String(response.headers['content-security-policy']) });
      })
        .once('error', reject)
        .end();
    });
  const page = await get('/');
  t.equal(page.status, 200);
  t.match(page.policy, /default-src 'none'; script-src 'self'/);
  t.notMatch(page.policy, /unsafe|https?:/);
  t.equal((await get('/modules/part4/sim/run-seed.js')).status, 200);
  t.equal((await get('/', 'localhost')).status, 200);
  t.equal((await get('/', 'rebound.example')).status, 403);
  t.equal((await get('/', '127.0.0.1.example')).status, 403);
  t.equal((await get('/package.json')).status, 404);
  t.equal((await get('/modules/../package.json')).status, 404);
  t.equal((await get('/', undefined, 'POST')).status, 405);
});
