import versions from '../versions.json' with { type: 'json' };

/**
 * `versions.json` is the one place that decides on the versions of what the kit stands on: `node`, which it runs on, and
 * `oldestNode`, which is enough to start it; `oldestJava` and `zookeeper`; the release of Debian below the images;
 * and the nixpkgs of `flake.nix`. Most of the files that need one of them can only state it once more.
 */
interface Statement {
  readonly file: string;
  /** Finds each place where the file states a version; the group is what it states. */
  readonly pattern: RegExp;
  /** What it may state. */
  readonly versions: readonly string[];
}

const { oldestNode, oldestJava, zookeeper, debian, nixpkgs } = versions;
const [nodeMajor = ''] = versions.node.split('.');

export const statements: readonly Statement[] = [
  state('package.json', /"node": "([\d.]+)"/g, versions.node),
  state('package.json', /"node": ">=(.+)"/g, oldestNode),
  state('package.json', /"@types\/node": "(\d+)\./g, nodeMajor),
  state('package-lock.json', /"node_modules\/node": \{\s+"version": "(.+)"/g, versions.node),
  state('scripts/bootstrap.mjs', /nodeMajor = (\d+)/g, nodeMajor),
  state('scripts/bootstrap.mjs', /nothing but Node (\d+)/g, oldestNode),
  state('.ci/run', /Node (\d+) or later/g, oldestNode),

  ...['Dockerfile', 'compose.yaml'].map((file) =>
    state(file, /\bnode:([\w.-]+)/g, `${nodeMajor}-${debian}-slim`),
  ),
  state('compose.yaml', /-zookeeper:([\d.]+)/g, zookeeper),

  state('flake.nix', /nodejs_(\d+)/g, nodeMajor),
  state('flake.nix', /github:NixOS\/nixpkgs\/([^"]+)/g, nixpkgs.ref),
  state('flake.lock', /"ref": "(.+)"/g, nixpkgs.ref),
  state('flake.lock', /"rev": "(.+)"/g, nixpkgs.rev),
  state('flake.lock', /"narHash": "(.+)"/g, nixpkgs.narHash),
  state('environments/nixpkgs-stub/flake.nix', /nodejs_(\d+)/g, nodeMajor),
  state('.devcontainer/devcontainer.json', /devcontainers\/base:([\w.-]+)/g, debian),

  state('.github/workflows/ci.yml', /node-version: *([\w."'-]+)/g, nodeMajor),
  state('README.md', /Node (\d+) or later/g, oldestNode),
  state('README.md', /Java (\d+) or later/g, oldestJava),
  state('shared/src/zookeeper/provide-zookeeper.ts', /Java (\d+) or later/g, oldestJava),
  ...[
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    ...[1, 2, 3].map((part) => `part${part}/README.md`),
  ].map((file) => state(file, /Node (\d+)/g, nodeMajor, oldestNode)),
];

function state(file: string, pattern: RegExp, ...allowed: string[]): Statement {
  return { file, pattern, versions: allowed };
}

/**
 * Compares what the files state with `versions.json`. A file that states nothing where it should is a disagreement, too:
 * then the pattern here no longer fits, and nothing would be compared.
 * @param read gives the text of a file, by its path in the repository.
 */
export function disagreements(read: (file: string) => string): string[] {
  return statements.flatMap(({ file, pattern, versions: allowed }) => {
    const stated = [...read(file).matchAll(pattern)].map((match) => match[1] ?? '');
    if (stated.length === 0) return [`${file} states nothing that fits ${pattern}`];
    return stated
      .filter((version) => !allowed.includes(version))
      .map((version) => `${file} states ${version} (${pattern}), versions.json ${allowed.join(' or ')}`);
  });
}
