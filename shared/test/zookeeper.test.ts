import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { cases, eventually, freePort, isAlive, pauseProcess, startZooKeeper } from '@tablelab/shared/testing';
import { findZooKeeper, fourLetterWord, type Places } from '@tablelab/shared/zookeeper';
import t from 'tap';

const deadlineMs = 10_000;

/** Folders with each layout in which ZooKeeper and Java are installed. */
const machine = t.testdir({
  archive: {
    bin: { 'zkServer.sh': '' },
    lib: { 'zookeeper-3.9.3.jar': '', 'zookeeper-jute-3.9.3.jar': '', 'README.txt': '' },
  },
  homebrew: { bin: { zkServer: '' }, libexec: { lib: { 'zookeeper-3.9.3.jar': '' } } },
  debian: { share: { java: { 'zookeeper.jar': '', 'slf4j-nop.jar': '' }, zookeeper: { bin: {} } } },
  incomplete: { lib: { 'zookeeper-jute-3.9.3.jar': '' } },
  jdk: { bin: { java: '' } },
  links: {},
  empty: {},
});
symlinkSync(join(machine, 'homebrew/bin/zkServer'), join(machine, 'links/zkServer'));

function places(env: Places['env'], more: Partial<Places> = {}): Places {
  return { env, debianJarFolder: join(machine, 'empty'), javaFolders: [], ...more };
}
const inMachine = (...names: string[]) => names.map((name) => join(machine, name));
const archiveJars = inMachine('archive/lib/zookeeper-3.9.3.jar', 'archive/lib/zookeeper-jute-3.9.3.jar');
const homebrewJars = inMachine('homebrew/libexec/lib/zookeeper-3.9.3.jar');
const debianJars = inMachine('debian/share/java/zookeeper.jar', 'debian/share/java/slf4j-nop.jar');

t.test('finds ZooKeeper in every layout', async (t) => {
  const layouts: [string, Places, string[] | undefined][] = [
    ['the archive', places({ ZOOKEEPER_HOME: join(machine, 'archive') }), archiveJars],
    ['Homebrew', places({ ZOOKEEPER_HOME: join(machine, 'homebrew') }), homebrewJars],
    ['the folder of jars', places({ ZOOKEEPER_HOME: join(machine, 'debian/share/java') }), debianJars],
    ['the folder above', places({ ZOOKEEPER_HOME: join(machine, 'debian/share') }), debianJars],
    ["Debian's home", places({ ZOOKEEPER_HOME: join(machine, 'debian/share/zookeeper') }), debianJars],
    ['PATH', places({ PATH: `/no/such:${join(machine, 'archive/bin')}` }), archiveJars],
    ['a link on PATH', places({ PATH: join(machine, 'links') }), homebrewJars],
    ["Debian's place", places({}, { debianJarFolder: join(machine, 'debian/share/java') }), debianJars],
    ['nowhere', places({ PATH: join(machine, 'empty') }), undefined],
  ];
  for (const [name, where, expected] of cases(t, layouts)) {
    const found = findZooKeeper(where).classPath;
    t.strictSame(found && [...found].sort(), expected && [...expected].sort(), name);
  }
});

t.test('ZOOKEEPER_HOME takes precedence over PATH, and PATH over the system', async (t) => {
  const env = { ZOOKEEPER_HOME: join(machine, 'homebrew'), PATH: join(machine, 'archive/bin') };
  const system = { debianJarFolder: join(machine, 'debian/share/java') };
  t.strictSame(findZooKeeper(places(env, system)).classPath, homebrewJars);
  t.match(findZooKeeper(places({ PATH: env.PATH }, system)).classPath, archiveJars);
});

t.test(
  'a variable that points to no installation is an error, and no other installation is used',
  async (t) => {
    for (const folder of ['empty', 'incomplete', 'missing']) {
      const env = { ZOOKEEPER_HOME: join(machine, folder), PATH: join(machine, 'archive/bin') };
      t.throws(() => findZooKeeper(places(env)), {
        code: 'BAD_REQUEST',
        message: /ZOOKEEPER_HOME=.*contains no/,
      });
    }
    t.throws(() => findZooKeeper(places({ JAVA_HOME: join(machine, 'empty') })), { code: 'BAD_REQUEST' });
  },
);

t.test('finds Java by JAVA_HOME, on PATH and in Homebrew’s folder', async (t) => {
  const [java] = inMachine('jdk/bin/java');
  t.equal(findZooKeeper(places({ JAVA_HOME: join(machine, 'jdk') })).java, java);
  t.equal(findZooKeeper(places({ PATH: join(machine, 'jdk/bin') })).java, java);
  t.equal(findZooKeeper(places({}, { javaFolders: [join(machine, 'jdk/bin')] })).java, java);
  t.equal(findZooKeeper(places({ PATH: '' })).java, undefined);
});

t.test(
  'a real ZooKeeper starts and answers, survives a crash and a pause, and leaves nothing behind',
  async (t) => {
    const server = await startZooKeeper();
    t.teardown(() => server.stop());
    t.match(server.address, /^127\.0\.0\.1:\d+$/);
    t.match(await fourLetterWord('srvr', server, deadlineMs), /^Mode: standalone$/m);
    const first = server.pid;

    server.kill('SIGKILL');
    t.strictSame(await server.exited, { code: null, signal: 'SIGKILL' });
    await t.rejects(fourLetterWord('srvr', server, deadlineMs), { code: 'UNREACHABLE' });
    const address = server.address;
    await server.restart();
    t.equal(server.address, address, 'a restart keeps the port');
    t.not(server.pid, first);
    t.match(await fourLetterWord('ruok', server, deadlineMs), 'imok');

    const marker = join(server.folder, 'data', 'marker');
    writeFileSync(marker, '');
    await server.wipe();
    t.notOk(existsSync(marker), 'a wiped server starts without data');
    t.equal(server.address, address, 'and keeps the port');
    t.match(await fourLetterWord('ruok', server, deadlineMs), 'imok');

    await pauseProcess(server.pid);
    await t.rejects(
      fourLetterWord('ruok', server, 50),
      { code: 'TIMEOUT' },
      'a paused server does not answer',
    );
    server.kill('SIGCONT');
    t.match(await fourLetterWord('ruok', server, deadlineMs), 'imok');

    await pauseProcess(server.pid);
    await server.stop();
    t.notOk(isAlive(server.pid), 'no process is left, though it was paused');
    t.notOk(existsSync(server.folder), 'no data is left');
    await server.stop();
  },
);

t.test('the data in a folder that the caller chose is kept', async (t) => {
  const folder = t.testdir({});
  const server = await startZooKeeper({ dataFolder: folder, tickTimeMs: 500 });
  await server.stop();
  t.ok(existsSync(join(folder, 'data', 'version-2')));
});

t.test('a ZooKeeper that does not start says why, and leaves nothing behind', async (t) => {
  const occupant = createServer();
  const port = await new Promise<number>((resolve) => {
    occupant.listen(0, '127.0.0.1', () => resolve((occupant.address() as { port: number }).port));
  });
  t.teardown(() => occupant.close());
  await t.rejects(startZooKeeper({ port }), { code: 'UNREACHABLE', message: /ended while starting/ });

  const broken = join(t.testdir({}), 'java');
  writeFileSync(broken, '#!/bin/sh\necho no memory >&2\nexit 1\n', { mode: 0o755 });
  await t.rejects(startZooKeeper({ installation: { java: broken, classPath: [] } }), {
    code: 'UNREACHABLE',
    message: /no memory/,
  });
});

t.test('four-letter words: no server answers, and a server that sends without end', async (t) => {
  const absent = { host: '127.0.0.1', port: await freePort() };
  await t.rejects(fourLetterWord('srvr', absent, deadlineMs), { code: 'UNREACHABLE' });
  const endless = createServer((socket) => {
    socket.on('error', () => undefined);
    const talk = () => {
      while (!socket.destroyed && socket.write('x'.repeat(65_536)));
    };
    socket.on('drain', talk);
    talk();
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', () => resolve()));
  t.teardown(() => endless.close());
  const { port } = endless.address() as { port: number };
  await t.rejects(fourLetterWord('srvr', { host: '127.0.0.1', port }, deadlineMs), { message: /too long/ });
  await eventually(
    async () => (await new Promise<number>((r) => endless.getConnections((_e, n) => r(n)))) === 0,
    {
      deadlineMs,
      what: 'the connection to be closed',
    },
  );
});
