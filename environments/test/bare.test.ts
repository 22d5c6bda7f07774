/**
 * Runs `npm start` and `npm test` as the README says, on a machine that has only a minimal Debian, the oldest supported
 * Node, and its npm. The log names every package that they install.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BareMachine } from '../bare-machine.ts';
import { cloneInto, root } from '../clone.ts';
import { debianSource } from '../minimal-debian.ts';
import { skipUnlessRequired } from '../requirement.ts';
import { plainEnvironment } from '../run.ts';

const skip = skipUnlessRequired('REQUIRE_BARE', whatIsMissing());
/** For each of the two commands. The first one also installs. */
const deadlineMs = 900_000;
/** The argument of `npm test`. The tests of all parts (BARE_TESTS empty) take ten minutes more. */
const tests = process.env.BARE_TESTS ?? 'part1';

function whatIsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can make a bare machine';
  const missing = ['debootstrap', 'unshare', 'apt-get', 'tar', 'git'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`], { env: plainEnvironment() }).status !== 0,
  );
  return missing.length === 0 ? undefined : `there is no ${missing.join(', no ')}`;
}

/** All packages of Debian with their versions, and the names of those that were installed by name. */
async function debianPackages(machine: BareMachine): Promise<{ all: string[]; asked: string[] }> {
  const lines = async (command: string) =>
    (await machine.run(command, { deadlineMs })).trim().split('\n').sort();
  return {
    all: await lines('dpkg-query -W'),
    asked: await lines('apt-mark showmanual'),
  };
}

t.test(
  'the minimal Debian comes from the same mirror as the machine’s own packages, and from no other origin',
  async (t) => {
    const ubuntu = { distribution: 'ubuntu', suite: 'noble' };
    const targets = [
      'noble main https://packages.example/ubuntu/24.04/prod/ microsoft-ubuntu-noble-prod noble',
      'noble stable https://download.example/linux/ubuntu/ Docker',
      'noble main mirror+file:/etc/apt/apt-mirrors.txt/ Ubuntu',
      'noble universe mirror+file:/etc/apt/apt-mirrors.txt/ Ubuntu',
    ];
    t.strictSame(debianSource(ubuntu, targets.join('\n')), {
      suite: 'noble',
      components: ['main', 'universe'],
      mirror: [],
    });
    const withMirror = [
      ...targets,
      'noble main http://mirror.example/ubuntu/ Ubuntu',
      'jammy main http://old.example/ Ubuntu',
    ];
    t.strictSame(debianSource(ubuntu, withMirror.join('\n')).mirror, ['http://mirror.example/ubuntu/']);
  },
);

t.test('npm start and npm test on a bare machine', { skip }, async (t) => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const [oldestNode = ''] = /\d+/.exec(engines.node) ?? [];
  // Node 20 came with this npm.
  const machine = await BareMachine.make({ node: oldestNode, npm: '10' });
  t.teardown(() => machine.remove());
  await cloneInto(machine.path('root/tablelab'));
  const inClone = (command: string, input = '') =>
    machine.run(`cd /root/tablelab && ${command}`, { deadlineMs, input });

  const before = await debianPackages(machine);
  const versions = (await inClone('node --version && npm --version')).trim().split('\n').join(', npm ');
  console.log(`A machine with ${before.all.length} packages of Debian, Node ${versions}`);
  t.match(versions, new RegExp(`^v${oldestNode}\\.`));
  for (const absent of ['java', 'git', 'python3', 'make', 'cc', 'curl']) {
    await t.rejects(machine.run(`command -v ${absent}`, { deadlineMs }), `there is no ${absent}`);
  }

  let begin = performance.now();
  const seconds = () => `${Math.round((performance.now() - begin) / 1000)} s`;
  const commands = [
    'put cart:1 two words',
    'get cart:1',
    'verify 0',
    'size',
    'getkeys',
    'del cart:1',
    'get cart:1',
    'quit',
  ];
  const started = await inClone('npm start --silent', `${commands.join('\n')}\n`);
  console.log(`npm start: ${seconds()}\n${started.trim()}`);
  t.match(started, /^operation 0:1\ntwo words\nexecuted\n1\ncart:1\noperation 0:2\nkey not found\n$/m);

  begin = performance.now();
  const tested = await inClone(`npm test -- ${tests}`);
  const summary = tested.trim().split('\n').at(-1) ?? '';
  console.log(`npm test -- ${tests}: ${seconds()}, ${summary}`);
  t.match(summary, /^\d+ passed, 0 failed$/);

  const after = await debianPackages(machine);
  const added = after.all.filter((line) => !before.all.includes(line));
  const asked = after.asked.filter((name) => !before.asked.includes(name));
  console.log(
    `apt-get has installed ${added.length} packages, for ${asked.join(' and ')}:\n  ${added.join('\n  ').replaceAll('\t', ' ')}`,
  );
  t.strictSame(asked, ['default-jre-headless', 'libzookeeper-java'], 'the packages that the README names');
  t.strictSame(
    before.all.filter((line) => !after.all.includes(line)),
    [],
    'no package was removed or changed',
  );

  const lock = JSON.parse(
    readFileSync(machine.path('root/tablelab/node_modules/.package-lock.json'), 'utf8'),
  ) as {
    packages: Record<string, { version?: string; link?: boolean }>;
  };
  const installed = Object.entries(lock.packages).filter(([, entry]) => !entry.link);
  const names = installed.map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`);
  console.log(`npm has installed ${names.length} packages in the clone:\n  ${names.sort().join('\n  ')}`);
  const global = (await machine.run('ls /usr/local/lib/node_modules /usr/local/bin', { deadlineMs })).split(
    /\s+/,
  );
  t.strictSame(global.filter(Boolean), [
    '/usr/local/bin:',
    'node',
    'npm',
    '/usr/local/lib/node_modules:',
    'node',
    'npm',
  ]);
});
