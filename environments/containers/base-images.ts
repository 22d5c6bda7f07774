import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { must } from '@tablelab/shared';
import { root } from '../clone.ts';
import { minimalDebian } from '../minimal-debian.ts';
import { run } from '../run.ts';

export interface BaseImages {
  readonly node: string;
  readonly zookeeper: string;
}

const recipes = join(root, 'environments/stand-in-images');
/** The certificates that Debian and Ubuntu trust. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const npmPackage = 'npm@11';

const answerDeadlineMs = 10_000;
const pullDeadlineMs = 5 * 60_000;
const buildDeadlineMs = 5 * 60_000;

/**
 * The base images of the Dockerfile and of compose.yaml. If they cannot be pulled, builds replacements from the packages of
 * Debian and npm. These are named `local/...`, so that they are not mistaken for the official images, and kept for the next
 * run. Returns the reason, as a text, if that is not possible either.
 */
export async function provideBaseImages(say: (line: string) => void): Promise<BaseImages | string> {
  const { NODE_IMAGE, ZOOKEEPER_IMAGE } = process.env;
  const node = NODE_IMAGE || (await stated('Dockerfile', /^ARG NODE_IMAGE=(\S+)$/m));
  const zookeeper = ZOOKEEPER_IMAGE || (await stated('compose.yaml', /\$\{ZOOKEEPER_IMAGE:-([^}]+)\}/));
  if ((await isAvailable(node)) && (await isAvailable(zookeeper))) return { node, zookeeper };
  const problem = `${node} and ${zookeeper} cannot be pulled`;
  if (process.getuid?.() !== 0) return `${problem}, and only root can build replacements`;
  if (!(await succeeds('debootstrap', ['--version'], answerDeadlineMs)))
    return `${problem}, and debootstrap, which is needed to build replacements, is not installed`;
  say(`${problem}: replacements are used`);
  const archive = await minimalDebian();
  const debian = await provide('debian', [basename(archive)], (tag) => buildDebian(tag, archive));
  const [nodeRecipe, zookeeperRecipe, entrypoint] = await Promise.all(
    ['node.Dockerfile', 'zookeeper.Dockerfile', 'zookeeper-entrypoint.sh'].map((file) =>
      readFile(join(recipes, file), 'utf8'),
    ),
  );
  const [nodeStandIn, zookeeperStandIn] = await Promise.all([
    provide('node', [debian, nodeRecipe, process.version, npmPackage], (tag) => buildNode(tag, debian)),
    provide('zookeeper', [debian, zookeeperRecipe, entrypoint], (tag) => buildZooKeeper(tag, debian)),
  ]);
  return { node: nodeStandIn, zookeeper: zookeeperStandIn };
}

async function stated(file: string, pattern: RegExp): Promise<string> {
  const match = pattern.exec(await readFile(join(root, file), 'utf8'));
  return must(match?.[1], `${file} names a base image`);
}

async function isAvailable(image: string): Promise<boolean> {
  return (await isHere(image)) || (await succeeds('docker', ['pull', '--quiet', image], pullDeadlineMs));
}

function isHere(image: string): Promise<boolean> {
  return succeeds('docker', ['image', 'inspect', image], answerDeadlineMs);
}

function succeeds(command: string, args: readonly string[], deadlineMs: number): Promise<boolean> {
  return run(command, args, { deadlineMs }).then(
    () => true,
    () => false,
  );
}

/** Returns the image's tag. Builds the image only if this machine has none with the same ingredients. */
async function provide(
  name: string,
  madeOf: readonly (string | undefined)[],
  make: (tag: string) => Promise<void>,
): Promise<string> {
  const recipe = createHash('sha256').update(JSON.stringify(madeOf)).digest('hex').slice(0, 12);
  const tag = `local/${name}:${recipe}`;
  if (!(await isHere(tag))) await make(tag);
  return tag;
}

/** Without manuals, translations and package lists, like the official slim images. */
async function buildDebian(tag: string, archive: string): Promise<void> {
  await inFolder(async (folder) => {
    const left = ['share/doc', 'share/man/*', 'share/locale'].map((place) => `./usr/${place}/*`);
    const excluded = [...left, './var/lib/apt/lists/*'].flatMap((pattern) => ['--exclude', pattern]);
    await run('tar', ['--directory', folder, ...excluded, '--extract', '--file', archive], {
      deadlineMs: buildDeadlineMs,
    });
    const script = `tar --directory "$0" --create . | docker import - "$1"`;
    await run('bash', ['-o', 'pipefail', '-c', script, folder, tag], { deadlineMs: buildDeadlineMs });
  });
}

async function buildNode(tag: string, debian: string): Promise<void> {
  await inFolder(async (folder) => {
    await copyFile(process.execPath, join(folder, 'node'));
    const packed = await run('npm', ['pack', '--silent', npmPackage], {
      cwd: folder,
      deadlineMs: buildDeadlineMs,
    });
    await copyFile(join(folder, packed.trim()), join(folder, 'npm.tgz'));
    // A proxy between this machine and npm's registry also lies between its containers and the registry.
    const trusted = existsSync(certificates) ? await readFile(certificates) : '';
    await writeFile(join(folder, 'certificates.crt'), trusted);
    await build(tag, { folder, debian, recipe: 'node.Dockerfile' });
  });
}

async function buildZooKeeper(tag: string, debian: string): Promise<void> {
  await inFolder(async (folder) => {
    const entrypoint = 'zookeeper-entrypoint.sh';
    await copyFile(join(recipes, entrypoint), join(folder, entrypoint));
    await build(tag, { folder, debian, recipe: 'zookeeper.Dockerfile' });
  });
}

async function build(
  tag: string,
  { folder, debian, recipe }: { folder: string; debian: string; recipe: string },
): Promise<void> {
  await copyFile(join(recipes, recipe), join(folder, 'Dockerfile'));
  await run('docker', ['build', '--quiet', '--tag', tag, '--build-arg', `DEBIAN_IMAGE=${debian}`, folder], {
    deadlineMs: buildDeadlineMs,
  });
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tablelab-image-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
