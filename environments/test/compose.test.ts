/**
 * Builds, starts, uses, breaks and removes the image and the chain of compose.yaml on a real container engine. Without an
 * engine or base images, all tests are skipped; with REQUIRE_DOCKER=1 they fail.
 *
 * One file, although it is long: the steps follow each other on one image and one chain, which take a minute to build.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { must } from '@tablelab/shared';
import { eventually, withDeadline } from '@tablelab/shared/testing';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { root } from '../clone.ts';
import { type BaseImages, provideBaseImages } from '../containers/base-images.ts';
import { ComposeProject, docker } from '../containers/compose-project.ts';
import { type Engine, findEngine } from '../containers/engine.ts';
import { addressOf, WorkloadProgram } from '../containers/workload-program.ts';
import { skipUnlessRequired } from '../requirement.ts';
import { run } from '../run.ts';

const ensembleFiles = ['compose.yaml', 'compose.ensemble.yaml'];
const three = ['server1', 'server2', 'server3'];
const services = ['zookeeper', ...three];

/** What the sources and their packages may add to Node's image. */
const imageBytesMax = 30 * 1_048_576;
const commandDeadlineMs = 60_000;
const healthyDeadlineMs = 60_000;
/** A session time-out, the time that ZooKeeper adds to it, and the start of a container. */
const chainDeadlineMs = 40_000;
/** Longer than a session time-out, which must end before the servers return, and the start of all containers. */
const restartDeadlineMs = 90_000;
/** Longer than a session time-out. */
const pausedDeadlineMs = 20_000;
/** How long to check that no write is COMMITTED while a server is cut off from the others. */
const stallMs = 3_000;
/** A server leaves the chain within eight seconds. */
const stopDeadlineMs = 9_000;

t.setTimeout(15 * 60_000);

interface Setting {
  readonly engine: Engine;
  readonly baseImages: BaseImages;
  readonly project: ComposeProject;
}

const setting = await prepare();
const skip = skipUnlessRequired('REQUIRE_DOCKER', typeof setting === 'string' ? setting : undefined);
const figures: string[] = [];
let hasFailed = false;

/** Each step depends on the steps before it. After a failed step, the others are not run. */
function step(name: string, work: (t: Test, setting: Setting) => Promise<void>): void {
  if (typeof setting === 'string') return;
  t.test(name, async (t) => {
    if (hasFailed) {
      t.plan(0, 'an earlier step has failed');
      return;
    }
    const start = performance.now();
    try {
      await work(t, setting);
      hasFailed = !t.passing();
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      console.log(`${secondsSince(start).padStart(6)} s  ${name}`);
    }
  });
}

if (skip) t.test('the image, and the chain of compose.yaml', { skip }, () => undefined);

/** Prepares what the steps need. Returns the reason, as a text, if that is not possible. */
async function prepare(): Promise<Setting | string> {
  const engine = await findEngine();
  if (typeof engine === 'string') return engine;
  t.teardown(() => engine.stop());
  const start = performance.now();
  const baseImages = await provideBaseImages((line) => console.log(line));
  if (typeof baseImages === 'string') return baseImages;
  console.log(`base images: ${baseImages.node}, ${baseImages.zookeeper}, after ${secondsSince(start)} s`);
  const project = new ComposeProject({ engine, baseImages, name: 'tablelab-test' });
  // A run that was killed may have left containers.
  await project.down();
  t.teardown(async () => {
    await project.down();
    await docker(['image', 'rm', '--force', project.image]);
  });
  return { engine, baseImages, project };
}

step('the files work with old engines and old versions of compose', async (t, { project, ...parts }) => {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');
  t.notMatch(dockerfile, /^#\s*syntax/m, 'no frontend to download');
  t.notMatch(dockerfile, /--mount/, 'no RUN --mount');
  const { services } = parse(await readFile(join(root, 'compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<string, { build?: unknown }>;
  };
  const builders = Object.keys(services).filter((name) => services[name]?.build !== undefined);
  t.same(
    builders,
    ['server1'],
    'only one service builds the image, because Docker rejects a second one with the same name',
  );
  await project.compose(['config', '--quiet']);
  const ensemble = new ComposeProject({ ...parts, name: project.name, files: ensembleFiles });
  await ensemble.compose(['config', '--quiet']);
  t.pass('compose accepts both files');
});

step(
  'the image is small, does not run as root, and contains every program and nothing else',
  async (t, { project, baseImages }) => {
    const start = performance.now();
    await project.build();
    const size = await bytesOf(project.image);
    const added = size - (await bytesOf(baseImages.node));
    figures.push(
      `image: ${mebibytes(size)}, of it ${mebibytes(added)} above Node's own; built in ${secondsSince(start)} s`,
    );
    t.ok(added < imageBytesMax, `${mebibytes(added)} above Node's own image`);
    t.equal(await docker(['run', '--rm', project.image, 'id', '-un']), 'node', 'it does not run as root');
    t.equal(await project.inImage(['find', '/app', '-writable']), '', 'it cannot change its programs');
    const nodes = await project.inImage(
      ['find', '/', '-xdev', '-type', 'f', '-name', 'node', '-perm', '-u+x'],
      'root',
    );
    t.equal(nodes, '/usr/local/bin/node', 'there is one Node');
    const packages = await project.inImage(['ls', 'node_modules']);
    t.match(packages, /^protobufjs$/m, 'it contains the packages that programs need');
    t.notMatch(packages, /^(tap|typescript|node|fast-check)$/m, 'it contains no packages for development');
    for (const part of [2, 3, 4]) {
      for (const program of ['table-server', 'table-client']) {
        const help = await project.inImage(['node', `part${part}/src/programs/${program}.ts`, '--help']);
        t.match(help, /^Usage: /i, `part ${part}: ${program}`);
      }
    }
    const help = await project.inImage(['node', 'page/src/programs/table-dashboard.ts', '--help']);
    t.match(help, /^Usage: /, 'the dashboard');
  },
);

step('up: the servers form a chain once ZooKeeper is healthy', async (t, { project }) => {
  const start = performance.now();
  await project.compose(['up', '--detach', '--no-build']);
  for (const service of services) await project.healthIs(service, 'healthy', healthyDeadlineMs);
  for (const service of three) await project.readinessIs(service, true, healthyDeadlineMs);
  figures.push(`from up to all ready: ${secondsSince(start)} s`);
  for (const service of [...services, 'dashboard']) {
    const { Ports } = (await project.inspect(service)).NetworkSettings;
    const hosts = Object.values(Ports).flatMap((bindings) => (bindings ?? []).map(({ HostIp }) => HostIp));
    t.same(
      hosts,
      service === 'zookeeper' ? [] : ['127.0.0.1'],
      `${service} is published on the loopback interface only`,
    );
  }
});

step('the client of compose.yaml, from a pipe', async (t, { project }) => {
  const client = project.client();
  t.teardown(() => client.stop());
  for (const line of [
    'put cart:1 two words',
    'get cart:1',
    'verify 0',
    'size',
    'del cart:1',
    'get cart:1',
    'quit',
  ])
    client.write(`${line}\n`);
  const { code } = await withDeadline(client.exited, commandDeadlineMs, 'the end of the client');
  t.equal(code, 0);
  t.same(client.stdoutLines, [
    'operation 0:1',
    'two words',
    'executed',
    '1',
    'operation 0:2',
    'key not found',
  ]);
});

step(
  'the published ports: a client of part 3 writes at the head and reads at the tail',
  async (t, { project }) => {
    const addresses = await Promise.all(three.map((service) => publishedAddress(project, service)));
    const ask = (address: string, ...command: string[]) =>
      run(process.execPath, ['part3/src/programs/table-client.ts', address, ...command], {
        cwd: root,
        deadlineMs: commandDeadlineMs,
      });
    const outcomes = await Promise.allSettled(
      addresses.map((address) => ask(address, 'put', 'published', 'yes')),
    );
    t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1, 'one of them is the head');
    const value = await eventually(
      () => Promise.any(addresses.map((address) => ask(address, 'get', 'published'))),
      { deadlineMs: commandDeadlineMs, what: 'the tail to answer' },
    );
    t.equal(value.trim(), 'yes');
  },
);

/** Runs during all faults and records one history. */
let workload: WorkloadProgram | undefined;
t.teardown(() => workload?.stop());

/** A step that starts with a complete, working chain, and ends with one. */
function fault(
  name: string,
  work: (t: Test, project: ComposeProject, workload: WorkloadProgram) => Promise<void>,
): void {
  step(name, async (t, { project }) => {
    workload ??= await WorkloadProgram.start(project, { probes: three.map(addressOf) });
    await workload.whole(three, chainDeadlineMs);
    await workload.progress();
    const start = performance.now();
    await work(t, project, workload);
    await workload.whole(three, chainDeadlineMs);
    await workload.progress();
    t.pass(`the chain is complete and working after ${secondsSince(start)} s`);
  });
}

fault('the head is killed', async (t, project, workload) => {
  const [head, ...others] = await rolesOf(workload);
  await project.docker(['kill'], head);
  await workload.whole(others, chainDeadlineMs);
  await workload.progress();
  t.pass('the other servers continue');
  await project.docker(['start'], head);
});

fault('the tail is paused for longer than its session', async (t, project, workload) => {
  const [head, middle, tail] = await rolesOf(workload);
  await project.docker(['pause'], tail);
  await workload.whole([head, middle], pausedDeadlineMs);
  await workload.progress();
  t.pass('the other servers continue');
  await project.docker(['unpause'], tail);
});

fault('the middle is stopped: SIGTERM makes it leave the chain first', async (t, project, workload) => {
  const [head, middle, tail] = await rolesOf(workload);
  const start = performance.now();
  await project.docker(['stop', '--time', '30'], middle);
  const elapsedMs = performance.now() - start;
  t.ok(elapsedMs < stopDeadlineMs, `it ended after ${Math.round(elapsedMs)} ms`);
  t.equal((await project.inspect(middle)).State.ExitCode, 0, 'with exit code 0');
  t.same(await workload.order(), [head, tail], 'it left the chain first');
  await project.docker(['start'], middle);
});

fault('the head’s process is killed: the engine restarts it', async (t, project, workload) => {
  const [head] = await rolesOf(workload);
  const before = await workload.sessionOf(head);
  // This kills the shell, too, so that its exit code means nothing.
  await docker(['exec', await project.containerOf(head), 'sh', '-c', 'kill -9 -1']).catch(() => undefined);
  await workload.rejoined(head, before, chainDeadlineMs);
  t.pass('it has rejoined as a new server');
});

fault('the tail is cut off from ZooKeeper alone', async (t, project, workload) => {
  const [head, middle, tail] = await rolesOf(workload);
  await project.readinessIs(tail, true, healthyDeadlineMs);
  await project.disconnect(tail, 'coordination');
  await workload.whole([head, middle], pausedDeadlineMs);
  await workload.progress();
  t.pass('the other servers continue');
  await project.readinessIs(tail, false, healthyDeadlineMs);
  await project.healthIs(tail, 'healthy', healthyDeadlineMs);
  t.pass('it is not ready, but alive: an orchestrator leaves it alone');
  await project.connect(tail, 'coordination');
  await workload.whole(three, chainDeadlineMs);
  await project.readinessIs(tail, true, healthyDeadlineMs);
});

fault(
  'the middle is cut off from the other servers, but not from ZooKeeper',
  async (t, project, workload) => {
    const [, middle] = await rolesOf(workload);
    await project.disconnect(middle, 'chain');
    const progress = workload.progress();
    const first = await Promise.race([progress.then(() => 'progress'), pause(stallMs, 'stall')]);
    t.equal(first, 'stall', 'no write is COMMITTED while a server of the chain lacks it');
    await project.connect(middle, 'chain', `${middle}.chain`);
    await progress;
  },
);

fault('ZooKeeper is restarted', async (_t, project) => {
  await project.compose(['restart', 'zookeeper']);
});

fault('all servers are restarted, one after the other', async (t, project, workload) => {
  for (const service of three) {
    await project.compose(['restart', service]);
    await workload.whole(three, chainDeadlineMs);
  }
  t.pass('each has rejoined before the next one was restarted');
});

step('a fourth server joins', async (t, { project }) => {
  const working = must(workload, 'the workload runs');
  await project.compose(['--profile', 'scale', 'up', '--detach', '--no-build']);
  await working.whole([...three, 'server4'], chainDeadlineMs);
  t.equal((await working.order()).at(-1), 'server4', 'at the end of the chain');
  await working.progress();
  await project.readinessIs('server4', true, healthyDeadlineMs);
});

step('nothing that was COMMITTED is lost, and the history is linearizable', async (t, { project }) => {
  const containers = await Promise.all([...services, 'server4'].map((name) => project.containerOf(name)));
  figures.push(await docker(['stats', '--no-stream', '--format', '{{.Name}}: {{.MemUsage}}', ...containers]));
  const { code, verdict, complaints } = await must(workload, 'the workload runs').judge();
  t.equal(code, 0, [verdict, ...complaints].join('\n'));
  figures.push(verdict);
});

step(
  'after a power cut of everything, and after down and up, everything is there',
  async (t, { project }) => {
    const ask = async (commands: string): Promise<readonly string[]> => {
      const client = project.client();
      t.teardown(() => client.stop());
      client.write(`${commands}quit\n`);
      await withDeadline(client.exited, commandDeadlineMs, 'the end of the client');
      return client.stdoutLines;
    };
    await ask('put before cut\n');
    const cuts = [
      ['kill', 'start'],
      ['down', 'up --detach --no-build'],
    ] as const;
    for (const [end, start] of cuts) {
      await project.compose(['--profile', 'scale', end]);
      await project.compose(['--profile', 'scale', ...start.split(' ')]);
      for (const service of [...services, 'server4'])
        if (service !== 'zookeeper') await project.readinessIs(service, true, restartDeadlineMs);
      t.same(await ask('get before\n'), ['cut'], `after ${end}`);
    }
  },
);

step('down removes everything', async (t, { project }) => {
  const mounts = (
    await Promise.all([...services, 'server4'].map((service) => project.inspect(service)))
  ).flatMap(({ Mounts }) => Mounts.flatMap(({ Name }) => Name ?? []));
  t.ok((await project.leftovers()).length > 0);
  await project.compose(['--profile', 'scale', 'down', '--volumes']);
  t.same(await project.leftovers(), [], 'no container, network or named volume is left');
  const volumes = (await docker(['volume', 'ls', '--quiet'])).split('\n');
  t.same(
    mounts.filter((mount) => volumes.includes(mount)),
    [],
    'no anonymous volume is left',
  );
});

step(
  'with an ensemble of three ZooKeepers, the chain continues when one of them is lost',
  async (t, { project, ...parts }) => {
    const ensemble = new ComposeProject({ ...parts, name: project.name, files: ensembleFiles });
    t.teardown(() => ensemble.down());
    const zookeepers = ['zookeeper', 'zookeeper2', 'zookeeper3'];
    await ensemble.compose(['up', '--detach', '--no-build']);
    for (const service of [...zookeepers, ...three])
      await ensemble.healthIs(service, 'healthy', healthyDeadlineMs);
    for (const service of three) await ensemble.readinessIs(service, true, healthyDeadlineMs);
    const working = await WorkloadProgram.start(ensemble, { probes: three.map(addressOf) });
    t.teardown(() => working.stop());
    for (const service of zookeepers) {
      await ensemble.docker(['kill'], service);
      await working.progress();
      await ensemble.docker(['start'], service);
      await ensemble.healthIs(service, 'healthy', healthyDeadlineMs);
    }
    await working.whole(three, chainDeadlineMs);
    const { code, verdict, complaints } = await working.judge();
    t.equal(code, 0, [verdict, ...complaints].join('\n'));
  },
);

t.teardown(() => {
  for (const figure of figures) console.log(figure);
});

async function rolesOf(workload: WorkloadProgram): Promise<[head: string, middle: string, tail: string]> {
  const [head, middle, tail] = await workload.order();
  return [must(head, 'head'), must(middle, 'middle'), must(tail, 'tail')];
}

async function publishedAddress(project: ComposeProject, service: string): Promise<string> {
  const { Ports } = (await project.inspect(service)).NetworkSettings;
  const [binding] = Ports['22345/tcp'] ?? [];
  return `${binding?.HostIp}:${binding?.HostPort}`;
}

async function bytesOf(image: string): Promise<number> {
  return Number(await docker(['image', 'inspect', '--format', '{{.Size}}', image]));
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MiB`;
}

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1_000).toFixed(1);
}
