/** Compares a class, and exports it for the programs that do so more thoroughly. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ClassEntry, listClass } from '../class/class-list.ts';
import { fileNameOf } from '../class/result.ts';
import type { Step } from '../course-file.ts';
import { writeAtomically } from '../grade/calibration.ts';
import { filesOf } from '../grade/grade.ts';
import { takeSubmission } from '../grade/intake.ts';
import { stubSource } from '../stubs.ts';
import { stubsOf } from '../stubs-of.ts';
import { similarPairs } from './similar-pairs.ts';
import { similarityPage } from './similarity-page.ts';
import type { Sources } from './tokens.ts';

export interface SimilarityRun {
  readonly part: string;
  readonly steps: readonly Step[];
  readonly reference: string;
  /** The folder with an entry for each student. */
  readonly submissions: string;
  readonly out: string;
}

/**
 * Writes `similarity.html` and the folder `similarity`: `submissions/STUDENT/...` and `base/...`, the hand-out's code, as JPlag
 * and Dolos take them. Returns how many pairs are suspicious.
 */
export async function writeSimilarity({
  part,
  steps,
  reference,
  submissions,
  out,
}: SimilarityRun): Promise<number> {
  const wanted = filesOf(steps);
  const students = new Map<string, Sources>();
  for (const entry of listClass(submissions, wanted)) {
    const sources = await sourcesOf(entry, wanted);
    if (sources !== undefined) students.set(entry.student, sources);
  }
  const template = templateOf(part, steps, reference);
  const pairs = similarPairs({ students, template });
  writeAtomically(join(out, 'similarity.html'), similarityPage({ part, students: students.size, pairs }));
  writeExport(join(out, 'similarity'), students, template);
  return pairs.length;
}

/** Undefined for a submission that cannot be read; its row in `grades.csv` says why. */
async function sourcesOf(
  { path, problem }: ClassEntry,
  wanted: readonly string[],
): Promise<Sources | undefined> {
  if (problem !== undefined) return undefined;
  try {
    const { files } = await takeSubmission(path, wanted);
    return new Map([...files].map(([file, content]) => [file, content.toString()]));
  } catch {
    return undefined;
  }
}

function templateOf(part: string, steps: readonly Step[], reference: string): Sources {
  const stubs = stubsOf({ part: Number(part.slice('part'.length)), steps });
  return new Map(
    [...stubs].map(([file, ofFile]) => [
      file,
      stubSource(file, readFileSync(join(reference, file), 'utf8'), ofFile),
    ]),
  );
}

function writeExport(folder: string, students: ReadonlyMap<string, Sources>, template: Sources): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [student, sources] of students) {
    writeSources(join(folder, 'submissions', fileNameOf(student)), sources);
  }
  writeSources(join(folder, 'base'), template);
}

function writeSources(folder: string, sources: Sources): void {
  for (const [file, source] of sources) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  }
}
