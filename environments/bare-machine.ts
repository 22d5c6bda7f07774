import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { minimalDebian } from './minimal-debian.ts';
import { plainEnvironment, run } from './run.ts';

const deadlineMs = 120_000;

/** The file, on the bare machine, with the certificates that this machine trusts in addition to Node's. */
const certificates = '/etc/certificates-of-the-host.pem';

/**
 * A machine that has only the smallest Debian, one Node, and the npm that came with it. It is a folder that its programs
 * see as the root, and its programs see no other processes. It uses this machine's network, and takes the settings for that
 * from this machine: name servers, proxies, the npm registry and certificates. Needs root.
 */
export class BareMachine {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  /** @param versions the versions, or ranges, of the npm packages `node-linux-…` and `npm` */
  static async make(versions: { readonly node: string; readonly npm: string }): Promise<BareMachine> {
    const archive = await minimalDebian();
    const folder = mkdtempSync(join(tmpdir(), 'tablelab-bare-'));
    const machine = new BareMachine(folder, await environmentInside());
    try {
      await run('tar', ['-C', folder, '-xf', archive], { deadlineMs });
      await machine.#installNode(versions);
      await machine.#connect();
    } catch (error) {
      machine.remove();
      throw error;
    }
    return machine;
  }

  /** The path outside of the machine of a file on it. */
  path(file: string): string {
    return join(this.#folder, file);
  }

  /**
   * Runs a shell command as the machine's first process. When it ends, all processes that it started end, too.
   * @param options.network without it, there is none
   * @throws Error with its output, when it fails or has not ended by the deadline
   */
  run(
    command: string,
    {
      network = true,
      ...options
    }: { readonly deadlineMs: number; readonly input?: string; readonly network?: boolean },
  ): Promise<string> {
    const enter = `mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/dev/shm" && exec chroot "$0" sh -c "$1"`;
    const isolated = ['--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
    if (!network) isolated.push('--net');
    return run('unshare', [...isolated, 'sh', '-c', enter, this.#folder, command], {
      ...options,
      env: this.#env,
    });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #installNode(versions: { readonly node: string; readonly npm: string }): Promise<void> {
    const modules = this.path('usr/local/lib/node_modules');
    for (const [name, specifier] of [
      ['node', `node-linux-${process.arch}@${versions.node}`],
      ['npm', `npm@${versions.npm}`],
    ] as const) {
      // npm prints one line for each version in the range, the latest one last.
      const packed = await run('npm', ['pack', '--silent', '--pack-destination', this.#folder, specifier], {
        deadlineMs,
      });
      const archive = this.path(packed.trim().split('\n').at(-1) ?? '');
      const target = join(modules, name);
      mkdirSync(target, { recursive: true });
      await run('tar', ['-C', target, '--strip-components=1', '--no-same-owner', '-xzf', archive], {
        deadlineMs,
      });
      rmSync(archive);
    }
    symlinkSync('../lib/node_modules/node/bin/node', this.path('usr/local/bin/node'));
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', this.path('usr/local/bin/npm'));
  }

  async #connect(): Promise<void> {
    for (const file of ['etc/resolv.conf', 'etc/hosts']) copyFileSync(join('/', file), this.path(file));
    const apt = (await run('apt-config', ['dump'], { deadlineMs })).split('\n');
    const ofTheNetwork = apt.filter((line) => /^Acquire::(https?::|Check-)/.test(line));
    writeFileSync(this.path('etc/apt/apt.conf.d/99of-the-host'), `${ofTheNetwork.join('\n')}\n`);
    const bundle = [process.env.NODE_EXTRA_CA_CERTS, await npmSetting('cafile')].find(
      (file) => file && existsSync(file),
    );
    if (bundle) copyFileSync(bundle, this.path(certificates));
  }
}

async function environmentInside(): Promise<NodeJS.ProcessEnv> {
  const proxies = Object.entries(plainEnvironment()).filter(([name]) =>
    /^(https?|no|all)_proxy$/i.test(name),
  );
  return {
    ...Object.fromEntries(proxies),
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    npm_config_registry: await npmSetting('registry'),
    NODE_EXTRA_CA_CERTS: certificates,
  };
}

async function npmSetting(name: string): Promise<string> {
  const value = (await run('npm', ['config', 'get', name], { deadlineMs })).trim();
  return value === 'null' || value === 'undefined' ? '' : value;
}
