import versions from '../versions.json' with { type: 'json' };

/**
 * `versions.json` decides the versions that the kit needs: `node`, on which it runs, and `oldestNode`, which is enough to
 * start it; `oldestJava` and `zookeeper`; the Debian release of the images; and the nixpkgs of `flake.nix`. Most files that
 * need one of them have to repeat it, because they cannot read it from there.
 */
interface Statement {
  readonly file: string;
  /** Matches each place where the file states a version; the group is the version. */
  readonly pattern: RegExp;
  /** The versions that it may state. */
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
 * Compares the files with `versions.json`. A file without any match is a disagreement, too: then its pattern is out of
 * date, and nothing would be compared.
 * @param read returns the text of a file, given its path in the repository
 */
export function disagreements(read: (file: string) => string): string[] {
  return statements.flatMap(({ file, pattern, versions: allowed }) => {
    const stated = [...read(file).matchAll(pattern)].map((match) => match[1] ?? '');
    if (stated.length === 0) return [`${file} states no version (${pattern})`];
    return stated
      .filter((version) => !allowed.includes(version))
      .map((version) => `${file} states ${version} (${pattern}), versions.json ${allowed.join(' or ')}`);
  });
}
