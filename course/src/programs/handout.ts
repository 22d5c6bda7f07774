/**
 * Writes a hand-out, or a patch of what has changed since one was written.
 *
 *   npm run handout -- --part 3 [--steps 1..3] [--previous DIR] [--language pt] [--edition 2026] --out DIR
 *   npm run handout -- --update OLD_HANDOUT --out PATCH
 *   npm run handout -- --workload
 */
import { basename, join, resolve } from 'node:path';
import { parseArguments, UsageError } from '@tablelab/shared/command-line';
import { stepNumbers } from '../chosen-steps.ts';
import { loadPart } from '../course-file.ts';
import { editionKit } from '../edition/kit.ts';
import { makeHandout } from '../handout/make.ts';
import { addOfflinePackages } from '../handout/offline.ts';
import { writeUpdate } from '../handout/update.ts';
import { languageArgument } from '../language.ts';
import { workloadLines, workloadOf } from '../workload.ts';
import { runProgram } from './run-program.ts';
import { warnOfUntracked } from './warn-of-untracked.ts';

const usage = `usage: npm run handout -- --part N [--steps 1..3] [--previous DIR] [--language pt] [--edition NAME] [--offline] --out DIR
       npm run handout -- --update OLD_HANDOUT --out PATCH
       npm run handout -- --workload

  --part N        the part to hand out, 1 to 4; earlier parts come solved
  --steps 1..3    only these steps are for the student: a range or a list (1,3); the others come solved
  --previous DIR  a student's folder: the earlier parts come as they are there
  --language pt   the texts for the student in Portuguese; without it, or with en, in English
  --edition NAME  other names, numbers and formats than in other years, all from the name; grade it with the same one
  --offline       adds all packages and what installs them without a network, and writes DIR.tar.gz
  --update DIR    a folder that was handed out: writes what has changed in the given code since
  --workload      prints how many lines of the reference each step asks for
  --out           where to write: a folder that does not exist or is empty, or the patch`;
const options = {
  part: { type: 'string' },
  steps: { type: 'string' },
  previous: { type: 'string' },
  language: { type: 'string' },
  edition: { type: 'string' },
  update: { type: 'string' },
  offline: { type: 'boolean' },
  out: { type: 'string' },
  workload: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;
const root = join(import.meta.dirname, '../../..');

function run(argv: readonly string[]): void {
  const { positionals, values } = parseArguments(argv, options);
  if (values.help === true) return console.log(usage);
  const text = (name: keyof typeof options) => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  // Paths are relative to the folder in which npm was called.
  const path = (name: keyof typeof options) => {
    const value = text(name);
    return value === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', value);
  };
  if (positionals.length > 0) throw new UsageError(`unexpected argument "${positionals[0]}"`);
  if (values.workload === true) return printWorkload();
  const out = path('out');
  if (out === undefined) throw new UsageError('--out is missing');
  const old = path('update');
  if (old !== undefined) {
    const other = (['part', 'steps', 'previous', 'language', 'edition', 'offline'] as const).find(
      (name) => values[name] !== undefined,
    );
    if (other !== undefined) throw new UsageError(`--update takes no --${other}: the old hand-out states it`);
    const isChanged = writeUpdate(root, old, out);
    return console.log(
      isChanged
        ? `wrote ${out}: apply it with git apply --3way`
        : 'nothing has changed: no patch was written',
    );
  }
  const part = text('part');
  if (part === undefined) throw new UsageError('--part is missing');
  if (!/^[1-4]$/.test(part)) throw new UsageError(`--part is 1 to 4, not "${part}"`);
  const edition = text('edition');
  makeHandout(edition === undefined ? root : editionKit(root, edition).root, {
    part: Number(part),
    steps: stepNumbers(text('steps')),
    previous: path('previous'),
    language: languageArgument(text('language')),
    edition,
    out,
  });
  console.log(`wrote part ${part} to ${out}`);
  warnOfUntracked(root);
  if (values.offline !== true) return;
  const { archive, archiveBytes, packages, packageBytes } = addOfflinePackages(out);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `wrote ${archive}: ${megabytes(archiveBytes)}, with ${packages} packages of ${megabytes(packageBytes)} for Linux on x64 and arm64;
to install without a network: tar -xzf ${basename(archive)}, then sh install-offline.sh in the folder`,
  );
}

function printWorkload(): void {
  for (const part of [1, 2, 3, 4]) {
    const course = loadPart(part, root);
    console.log(workloadLines(course, workloadOf(course, root)).join('\n'));
  }
}

await runProgram('handout', usage, run);
