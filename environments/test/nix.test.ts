/**
 * Tests flake.nix with a real Nix. A stub (environments/nixpkgs-stub) replaces nixpkgs, which would have to be
 * downloaded. The tests show that the flake evaluates for each of its systems, that its lock file is up to date, and
 * that its shell, apps and check work. They do not show that nixpkgs has these packages at the pinned revision; the
 * workflow in .github does.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findZooKeeper } from '@tablelab/shared/zookeeper';
import t from 'tap';
import { cloneInto, root } from '../clone.ts';
import { skipUnlessRequired } from '../requirement.ts';
import { plainEnvironment, run } from '../run.ts';

const systems = ['aarch64-darwin', 'aarch64-linux', 'x86_64-darwin', 'x86_64-linux'];
/** For commands that evaluate or build; they download nothing. */
const nixDeadlineMs = 120_000;
/** For commands that first install the npm packages. */
const installDeadlineMs = 600_000;

const { PATH: path = '' } = plainEnvironment();
const skip = skipUnlessRequired('REQUIRE_NIX', whatIsMissing());

/** Outside of the clone, because Nix copies the whole folder of a flake. */
const temporary = mkdtempSync(join(tmpdir(), 'tablelab-nix-'));
t.teardown(() => {
  // Nix makes everything that it builds read-only.
  spawnSync('chmod', ['-R', 'u+w', temporary]);
  rmSync(temporary, { recursive: true, force: true });
});
const inTemporary = (name: string) => join(temporary, name);
const stub = inTemporary('nixpkgs');

/** A separate store, state and configuration, so that the machine's Nix is neither read nor changed. */
const env = {
  ...plainEnvironment(),
  NIX_REMOTE: 'local',
  NIX_STORE_DIR: inTemporary('nix/store'),
  NIX_STATE_DIR: inTemporary('nix/var'),
  NIX_LOG_DIR: inTemporary('nix/log'),
  NIX_CONF_DIR: inTemporary('nix/etc'),
  XDG_CACHE_HOME: inTemporary('nix/cache'),
  XDG_CONFIG_HOME: inTemporary('nix/config'),
  NIX_CONFIG: [
    'experimental-features = nix-command flakes',
    'flake-registry =',
    'substitute = false',
    'build-users-group =',
    'sandbox = false',
  ].join('\n'),
};

function whatIsMissing(): string | undefined {
  if (spawnSync('nix', ['--version'], { env: plainEnvironment() }).status !== 0) {
    return 'nix is not on PATH (on Debian: apt-get install nix-bin)';
  }
  const { java, classPath } = findZooKeeper();
  return java && classPath ? undefined : 'the stub of nixpkgs needs an installed ZooKeeper and Java';
}

function nix(args: readonly string[], options: { cwd?: string; input?: string; deadlineMs?: number } = {}) {
  const own = ['--override-input', 'nixpkgs', `path:${stub}`, '--no-write-lock-file'];
  const [command = '', flake = '', ...rest] = args;
  return run('nix', [command, flake, ...own, ...rest], { env, deadlineMs: nixDeadlineMs, ...options });
}

/** A copy of the working tree with a flake.nix that `change` may edit. */
async function flakeIn(name: string, change = (text: string) => text): Promise<string> {
  await cloneInto(inTemporary(name));
  const file = join(inTemporary(name), 'flake.nix');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return `path:${inTemporary(name)}`;
}

function makeStub(): void {
  const { java = '', classPath = [] } = findZooKeeper();
  const which = (name: string) =>
    spawnSync('sh', ['-c', `command -v ${name}`], {
      encoding: 'utf8',
      env: plainEnvironment(),
    }).stdout.trim();
  mkdirSync(stub);
  copyFileSync(join(root, 'environments/nixpkgs-stub/flake.nix'), join(stub, 'flake.nix'));
  writeFileSync(
    join(stub, 'host.json'),
    JSON.stringify({
      bash: which('bash'),
      path,
      node: process.execPath,
      npm: which('npm'),
      java,
      zookeeperFolder: dirname(classPath[0] ?? ''),
    }),
  );
}

t.before(() => {
  if (skip) return;
  console.log(
    'nixpkgs is replaced by a stub with the programs of this machine: this tests the flake, not nixpkgs',
  );
  makeStub();
});

t.test('the lock file is up to date with flake.nix', { skip }, async (t) => {
  const metadata = (flake: string) =>
    run('nix', ['flake', 'metadata', flake, '--no-update-lock-file'], { env, deadlineMs: nixDeadlineMs });
  await t.resolves(metadata(await flakeIn('locked')));
  const other = await flakeIn('unlocked', (text) => text.replace(/github:[^"]*/, `path:${stub}`));
  await t.rejects(metadata(other), { message: /requires lock file changes/ });
});

/** Evaluates all outputs of the flake, as far as a build would. Resolves with their names. */
async function evaluate(flake: string): Promise<unknown> {
  const names: Record<string, unknown> = {};
  for (const [output, whole] of [
    ['devShells', 'value.drvPath'],
    ['checks', 'value.drvPath'],
    ['apps', 'value.type + value.program'],
  ] as const) {
    const force = `builtins.mapAttrs (_: builtins.mapAttrs (_: value: builtins.seq (${whole}) true))`;
    const lines = (await nix(['eval', `${flake}#${output}`, '--json', '--apply', force])).split('\n');
    const perSystem = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}') as Record<
      string,
      object
    >;
    names[output] = Object.fromEntries(
      Object.entries(perSystem).map(([system, values]) => [system, Object.keys(values)]),
    );
  }
  return names;
}

t.test('the flake evaluates for all four systems', { skip }, async (t) => {
  const each = (names: readonly string[]) => Object.fromEntries(systems.map((system) => [system, names]));
  t.strictSame(await evaluate(await flakeIn('evaluated')), {
    devShells: each(['default']),
    checks: each(['zookeeper']),
    apps: each(['chain', 'default', 'test']),
  });
});

t.test('a misspelt attribute is an error', { skip }, async (t) => {
  for (const attribute of ['nodejs_24', 'zookeeper', 'jdk_headless', 'mkShellNoCC', 'writeShellScript']) {
    const misspelt = `${attribute.slice(0, -1)}x`;
    const flake = await flakeIn(`misspelt-${attribute}`, (text) =>
      text.replaceAll(`pkgs.${attribute}`, `pkgs.${misspelt}`),
    );
    await t.rejects(evaluate(flake), { message: new RegExp(`'${misspelt}' missing`) }, attribute);
  }
});

t.test('nix flake check: the code of npm start finds and starts ZooKeeper', { skip }, async (t) => {
  const output = await nix(['flake', 'check', await flakeIn('checked'), '-L']).catch(
    (error: Error) => error.message,
  );
  t.match(output, /tablelab-zookeeper> Mode: standalone/);
});

t.test('the shell and the apps work in a clone without installed packages', { skip }, async (t) => {
  const flake = await flakeIn('flake');
  const cwd = inTemporary('clone');
  await cloneInto(cwd);
  const options = { cwd, deadlineMs: installDeadlineMs };
  const develop = (command: string) => nix(['develop', flake, '--command', 'bash', '-c', command], options);

  const devcontainer = JSON.parse(readFileSync(join(root, '.devcontainer/devcontainer.json'), 'utf8')) as {
    postCreateCommand: string;
  };
  const [, prepare = ''] = /^nix develop --command (.+)$/.exec(devcontainer.postCreateCommand) ?? [];
  await develop(prepare);
  t.ok(
    existsSync(join(cwd, 'node_modules/tap')),
    'the first command of the dev container installs the npm packages',
  );
  t.match(await develop('npm test -w part1'), /^\d+ passed, 0 failed$/m, 'nix develop -c npm test -w part1');

  // As on NixOS, where programs built for other systems do not run.
  const fetched = join(cwd, 'node_modules/node/bin/node');
  rmSync(fetched);
  writeFileSync(fetched, '#!/bin/sh\necho "made for another system" >&2\nexit 127\n');
  chmodSync(fetched, 0o755);
  const store = env.NIX_STORE_DIR;
  const shell = await develop(
    'npm exec --call "command -v node"; command -v npm java; echo "$ZOOKEEPER_HOME $JAVA_HOME"',
  );
  for (const found of ['nodejs/bin/node', 'nodejs/bin/npm', 'jdk/bin/java', 'zookeeper', 'jdk']) {
    t.ok(
      new RegExp(`${store}/[a-z0-9]+-${found}\\b`).test(shell),
      `the shell finds its own ${found}: ${shell}`,
    );
  }
  t.match(
    await nix(['run', `${flake}#test`, '--', 'part1/test/list.test.ts'], options),
    /^\d+ passed, 0 failed$/m,
    'nix run .#test -- FILE',
  );
  const answers = await nix(['run', `${flake}#chain`], {
    ...options,
    input: 'put cart:1 books\nget cart:1\nquit\n',
  });
  t.match(answers, /^ZooKeeper on [\s\S]*^operation 0:1\nbooks$/m, 'nix run .#chain');
  await t.rejects(nix(['run', flake], { cwd: temporary }), { message: /run this in the folder of a clone/ });
});
