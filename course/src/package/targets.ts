/** The packages for the systems that a course may use. Each is a list of files; the scripts in them are written here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ZipEntry } from '../zip-file.ts';
import { kitEntries } from './kit-entries.ts';

export const targets = ['gradescope', 'classroom50', 'moodle', 'docker'] as const;
export type Target = (typeof targets)[number];

export interface PackageOptions {
  /** The kit. */
  readonly root: string;
  readonly part: number;
  /** What else `npm run grade` gets: `--seeds 1,2`, `--edition NAME`. */
  readonly gradeOptions: readonly string[];
  readonly hidden?: string | undefined;
}

export function packageFor(target: Target, options: PackageOptions): ZipEntry[] {
  const kit = kitEntries(options.root, '', options.hidden);
  const command = gradeCommand(options);
  const node = nodeVersion(options.root);
  switch (target) {
    case 'gradescope':
      return [
        program('setup.sh', setup(node, command)),
        program('run_autograder', gradescope(command)),
        ...kit,
      ];
    case 'classroom50':
      return [
        text('autograder.py', autograder(command)),
        text('runtime.json', '{ "runs-on": ["self-hosted", "tablelab"] }\n'),
        text('README.md', classroomReadme),
        ...runnerFiles(node, command, kit),
      ];
    case 'moodle':
      return [
        program('vpl_run.sh', vpl(command, 'Grade')),
        program('vpl_evaluate.sh', vpl(command, 'Evaluate')),
        text('README.md', moodleReadme),
        ...runnerFiles(node, command, kit),
      ];
    case 'docker':
      return [
        text('Dockerfile', dockerfile(node)),
        program('grade.sh', inContainer(command)),
        text('README.md', dockerReadme),
        ...kit,
      ];
  }
}

/** The arguments after the submission; `$KIT` is the folder above the kit's. */
function gradeCommand({ part, gradeOptions, hidden }: PackageOptions): string {
  const all = ['--part', String(part), ...gradeOptions.map(quoted)];
  return [...all, ...(hidden === undefined ? [] : ['--hidden', '"$KIT/hidden"'])].join(' ');
}

function quoted(argument: string): string {
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}

function nodeVersion(root: string): string {
  return String(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node);
}

function text(path: string, content: string): ZipEntry {
  return { path, content: Buffer.from(content) };
}

function program(path: string, content: string): ZipEntry {
  return { ...text(path, content), isProgram: true };
}

/** For a machine of the teacher: there the kit is installed once, where no student can read it. */
function runnerFiles(node: string, command: string, kit: readonly ZipEntry[]): ZipEntry[] {
  return [
    program('runner/setup.sh', setup(node, command)),
    ...kit.map((entry) => ({ ...entry, path: `runner/${entry.path}` })),
  ];
}

/** Installs what grading needs, and grades the reference: it has to have all points, and how long it takes is remembered. */
const setup = (node: string, command: string) => `#!/usr/bin/env bash
# Installs the grader in this folder. Needs root on Debian or Ubuntu, and the network.
set -eu
KIT=$(cd "$(dirname "$0")" && pwd)
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q install -y --no-install-recommends nodejs npm bubblewrap util-linux ca-certificates
# The system's Node may be too old for the kit, but it can install another one.
npm install --no-fund --no-audit --prefix "$KIT/node" node@${node}
export PATH="$KIT/node/node_modules/node/bin:$PATH"
# Submissions may run as another user here, and must not read the solution.
chmod 700 "$KIT"
export XDG_CACHE_HOME="$KIT/cache"
cd "$KIT/kit"
node scripts/bootstrap.mjs grade "$KIT/kit" ${command} --out "$KIT/reference-report"
`;

const environment = `export PATH="$KIT/node/node_modules/node/bin:$PATH" XDG_CACHE_HOME="$KIT/cache"`;

const gradescope = (command: string) => `#!/usr/bin/env bash
# Gradescope runs this for each submission, as root in a container (gradescope-autograders.readthedocs.io, "Specifications").
set -u
AUTOGRADER=\${AUTOGRADER:-/autograder}
KIT="$AUTOGRADER/source"
${environment}
chmod 700 "$KIT" "$AUTOGRADER/results"
cd "$KIT/kit" || exit 1
node scripts/bootstrap.mjs grade "$AUTOGRADER/submission" ${command} --out "$KIT/report"
# Without results, Gradescope shows to the staff that the autograder has failed, and what it has printed.
cp "$KIT/report/results.json" "$AUTOGRADER/results/results.json"
`;

/** The contract is that of Classroom 50's wiki, "Advanced Autograding": `result.json` in the current folder. */
const autograder = (
  command: string,
) => `"""Grades a submission with the tablelab kit, which is installed on the runner (see README.md)."""

import datetime
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

kit = os.environ.get("TABLELAB_KIT", "/opt/tablelab")
with tempfile.TemporaryDirectory() as reports:
    script = (
        'export PATH="$KIT/node/node_modules/node/bin:$PATH" XDG_CACHE_HOME="$KIT/cache"; cd "$KIT/kit" && '
        'exec node scripts/bootstrap.mjs grade "$SUBMISSION" ${command.replaceAll('\\', '\\\\').replaceAll("'", "\\'")} --out "$REPORTS"'
    )
    paths = {"KIT": kit, "SUBMISSION": os.getcwd(), "REPORTS": reports}
    done = subprocess.run(["bash", "-c", script], env={**os.environ, **paths}, check=False)
    report = Path(reports) / "results.json"
    if done.returncode != 0 or not report.is_file():
        print("::error::the grader has failed", file=sys.stderr)
        sys.exit(1)
    grade = json.loads(report.read_text())

# Its scores are whole numbers, so points are counted in hundredths.
scored = [test for test in grade["tests"] if "score" in test]
tests = [
    {
        "test-name": test["name"],
        "passed": test["status"] == "passed",
        "score": round(100 * test["score"]),
        "max-score": round(100 * test["max_score"]),
    }
    for test in scored
]
result = {
    "schema": "classroom50/result/v1",
    "classroom": os.environ["CLASSROOM"],
    "assignment": os.environ["ASSIGNMENT"],
    "submission": os.environ["SUBMISSION_TAG"],
    "commit": os.environ["COMMIT_URL"],
    "release": os.environ["RELEASE_URL"],
    "review": os.environ.get("REVIEW_URL") or os.environ["COMMIT_URL"],
    "datetime": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "score": sum(test["score"] for test in tests),
    "max-score": sum(test["max-score"] for test in tests),
    "tests": tests,
}
Path("result.json").write_text(json.dumps(result, indent=2))
`;

/** VPL compiles nothing, but expects a program \`vpl_execution\` that it then runs; of its output it reads lines that begin with Grade or Comment. */
const vpl = (command: string, what: 'Grade' | 'Evaluate') => `#!/usr/bin/env bash
# ${what === 'Evaluate' ? "VPL's evaluation: prints the grade and comments." : 'VPL\'s "Run": prints the report, without a grade.'}
cat > vpl_execution <<'END'
#!/usr/bin/env bash
SUBMISSION=$PWD
KIT=\${TABLELAB_KIT:-/opt/tablelab}
${environment}
REPORTS=$(mktemp -d)
cd "$KIT/kit" && node scripts/bootstrap.mjs grade "$SUBMISSION" ${command} --out "$REPORTS" >"$REPORTS/output" 2>&1
${what === 'Evaluate' ? 'node "$KIT/kit/course/src/package/vpl-output.ts" "$REPORTS"' : 'cat "$REPORTS/report.txt" || cat "$REPORTS/output"'}
END
chmod +x vpl_execution
`;

const dockerfile = (node: string) => `# docker build -t tablelab-grader . ; see README.md
FROM node:${node}-bookworm-slim
RUN apt-get -q update \\
 && apt-get -q install -y --no-install-recommends bubblewrap util-linux python3 \\
 && rm -rf /var/lib/apt/lists/*
# Submissions run as another user, who must not read the solution.
RUN mkdir -m 700 /grader
WORKDIR /grader/kit
COPY . /grader
RUN npm ci --no-fund --no-audit
ENTRYPOINT ["/grader/grade.sh"]
`;

const inContainer = (command: string) => `#!/usr/bin/env bash
# Grades /submission, a folder, zip or tar, and writes the reports to /results.
set -u
KIT=/grader
export XDG_CACHE_HOME=/results/.cache
cd "$KIT/kit" || exit 1
exec node scripts/bootstrap.mjs grade "\${1:-/submission}" ${command} --out /results
`;

const dockerReadme = `# The grader as a container

    docker build -t tablelab-grader .
    docker run --rm --network none -v "$PWD/SUBMISSION:/submission:ro" -v "$PWD/results:/results" tablelab-grader

The image contains the solution: do not publish it. Inside, the submission runs as a separate user; a container may not make the
namespaces of bubblewrap unless it is told so. \`--network none\` takes the network from it. The first run measures the reference,
and keeps that in \`results/.cache\`.
`;

const runnerReadme = `Copy the folder \`runner\` to /opt/tablelab on that machine (or elsewhere: the environment variable TABLELAB_KIT
says where), and run \`setup.sh\` there as root. It takes some minutes, and needs the network.`;

const classroomReadme = `# Classroom 50

1. Classroom 50 grades in the student's own repository, and its bundles are published. The kit contains the solution, so it must not be in
   the bundle: it has to be on a self-hosted runner with the label \`tablelab\`, which \`runtime.json\` asks for.
   ${runnerReadme}
   The runner must be root, or bubblewrap must be allowed to its user.
2. Put \`autograder.py\`, and nothing else, at CLASSROOM/autograders/ASSIGNMENT/autograder.py.
3. Give \`runtime.json\` to \`gh teacher assignment add --runtime\`.

Scores are in hundredths of a point, because Classroom 50 counts in whole numbers.
`;

const moodleReadme = `# Moodle, Virtual Programming Lab

1. The kit contains the solution, so it is not among the files of the activity: it has to be on the machine that runs VPL's jail.
   ${runnerReadme}
   Submissions run in bubblewrap, which must be allowed to the jail's users, and the kit must be readable to them, and not to
   others. Without that the grader refuses, and says so in the comment.
2. Put \`vpl_run.sh\` and \`vpl_evaluate.sh\` into the activity's "Execution files".
3. Set the activity's maximum grade to the part's points; bonus points come on top. Give it at least 15 minutes and 1 GiB.
`;
