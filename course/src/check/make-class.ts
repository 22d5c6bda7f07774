/** A class for trying the grader: submissions of all kinds that it has to expect, as folders, zips and tars. */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Random, seededRandom } from '@tablelab/shared';
import { TemporaryFolder } from '@tablelab/shared/process';
import { create as createTar } from 'tar';
import { loadPart, type Step } from '../course-file.ts';
import { filesOf } from '../grade/grade.ts';
import { stubSource } from '../stubs.ts';
import { stubsOf } from '../stubs-of.ts';
import { zipOf } from '../zip-file.ts';
import { applyEdit } from './edit.ts';
import { hostileSource } from './hostile.ts';
import { loadVariants, type Variant } from './variants.ts';

export interface MakeClassOptions {
  /** The kit. */
  readonly root: string;
  readonly part: number;
  /** Default: the steps of the part's course file. */
  readonly steps?: readonly Step[];
  readonly students: number;
  readonly seed: number;
  /** Made new, with an entry for each student. */
  readonly out: string;
}

/** What a student of the class has handed in. */
export interface MadeSubmission {
  readonly student: string;
  readonly kind: Kind;
  /** Which steps, mistakes, or hostile code. */
  readonly what: string;
}

/** How many of sixty. */
const shares = {
  reference: 4,
  right: 6,
  'half done': 16,
  wrong: 12,
  'two mistakes': 6,
  hostile: 11,
  unreadable: 5,
} as const;
type Kind = keyof typeof shares;

const unreadable = ['an empty folder', 'no archive', 'half an archive', 'other files', 'a link out'] as const;
const pairsTriedMax = 100;

/** The contents of a submission, by their paths in the kit. */
type Files = ReadonlyMap<string, string>;

/** What each student has handed in also stands in `.class.json`, which the grader does not look at. */
export async function makeClass(options: MakeClassOptions): Promise<MadeSubmission[]> {
  const { root, part, students, seed, out, steps = loadPart(part, root).steps } = options;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const maker = new SubmissionMaker({ root, part, steps, random: seededRandom(seed) });
  const made: MadeSubmission[] = [];
  for (const [index, kind] of kindsOf(students).entries()) {
    const student = `student-${String(index + 1).padStart(3, '0')}`;
    const count = made.filter((one) => one.kind === kind).length;
    if (kind === 'unreadable') {
      const what = unreadable[count % unreadable.length] ?? unreadable[0];
      writeUnreadable(what, join(out, student), maker.reference());
      made.push({ student, kind, what });
    } else {
      const { what, files } = maker.make(kind, count);
      await writeAs(index, join(out, student), files);
      made.push({ student, kind, what });
    }
  }
  writeFileSync(join(out, '.class.json'), `${JSON.stringify(made, undefined, 2)}\n`);
  return made;
}

/** All kinds come early, and evenly from then on, so that a small class is a mixed one, too. */
function kindsOf(students: number): Kind[] {
  const cycle = (Object.keys(shares) as Kind[])
    .flatMap((kind) =>
      Array.from({ length: shares[kind] }, (_, index) => ({ kind, at: index / shares[kind] })),
    )
    .sort((one, other) => one.at - other.at)
    .map(({ kind }) => kind);
  return Array.from({ length: students }, (_, index) => cycle[index % cycle.length] ?? 'reference');
}

class SubmissionMaker {
  readonly #root: string;
  readonly #part: number;
  readonly #steps: readonly Step[];
  readonly #random: Random;
  readonly #files: readonly string[];
  readonly #variants: readonly Variant[];

  constructor({
    root,
    part,
    steps,
    random,
  }: { root: string; part: number; steps: readonly Step[]; random: Random }) {
    this.#root = root;
    this.#part = part;
    this.#steps = steps;
    this.#random = random;
    this.#files = filesOf(steps);
    // Edits of given code would not be taken from a submission.
    this.#variants = loadVariants(join(root, 'course')).filter(
      (variant) => variant.part === part && variant.edits.every(({ file }) => this.#files.includes(file)),
    );
  }

  reference(): Files {
    return new Map(this.#files.map((file) => [file, readFileSync(join(this.#root, file), 'utf8')]));
  }

  /** The one with this number among those of its kind. */
  make(kind: Exclude<Kind, 'unreadable'>, number: number): { what: string; files: Files } {
    switch (kind) {
      case 'reference':
        return { what: '', files: this.reference() };
      case 'right':
      case 'wrong': {
        const variant = this.#random.pick(this.#variants.filter((one) => one.kind === kind));
        return { what: variant.name, files: this.#edited([variant]) };
      }
      case 'two mistakes':
        return this.#twoMistakes();
      case 'half done': {
        const filled = number % this.#steps.length;
        return { what: `${filled} of ${this.#steps.length} steps`, files: this.#stubs(filled) };
      }
      case 'hostile': {
        const codes = hostileCodes(this.#root, this.#part);
        const [name, code] = codes[number % codes.length] ?? ['', ''];
        return { what: name, files: this.#hostile(name, code) };
      }
    }
  }

  #edited(variants: readonly Variant[]): Files {
    const files = new Map(this.reference());
    for (const edit of variants.flatMap(({ edits }) => edits)) {
      files.set(edit.file, applyEdit(files.get(edit.file) ?? '', edit));
    }
    return files;
  }

  /** Two that can be made in the same sources. */
  #twoMistakes(): { what: string; files: Files } {
    const wrong = this.#variants.filter(({ kind }) => kind === 'wrong');
    for (let tried = 0; tried < pairsTriedMax; tried += 1) {
      const pair = [this.#random.pick(wrong), this.#random.pick(wrong)];
      try {
        return { what: pair.map(({ name }) => name).join(', '), files: this.#edited(pair) };
      } catch {
        // The first edit has changed what the second one replaces.
      }
    }
    throw new Error('no two mistakes fit into the same sources');
  }

  /** The first steps filled in. */
  #stubs(filled: number): Files {
    const files = new Map(this.reference());
    for (const [file, stubs] of stubsOf({ part: this.#part, steps: this.#steps.slice(filled) })) {
      files.set(file, stubSource(file, files.get(file) ?? '', stubs));
    }
    return files;
  }

  /** In front of the first file of the hand-out. It has no place to reach but a port that is not in use. */
  #hostile(name: string, code: string): Files {
    const files = new Map(this.#stubs(0));
    const file = this.#files.find((file) => file.endsWith('.ts')) ?? '';
    const nowhere = '/nowhere';
    const places = { REFERENCE: this.#root, SUBMISSION: nowhere, REPORTS: nowhere, HIDDEN: nowhere };
    const network = { HOST: '127.0.0.1', PORT: '9', MARK: `mark-of-${name}` };
    files.set(file, hostileSource(code, files.get(file) ?? '', { ...places, ...network }));
    return files;
  }
}

/** By name. Those that replace functions of part 1 are of no use in another part. */
function hostileCodes(root: string, part: number): [name: string, code: string][] {
  const folder = join(root, 'course/hostile');
  return readdirSync(folder)
    .sort()
    .map((file): [string, string] => [file.replace(/\.ts$/, ''), readFileSync(join(folder, file), 'utf8')])
    .filter(([, code]) => part === 1 || !/\bduplicate(Data|Entry)\b/.test(code));
}

/** Folders, zips and tars in turn. */
async function writeAs(index: number, path: string, files: Files): Promise<void> {
  switch (index % 3) {
    case 0:
      writeFolder(path, files);
      break;
    case 1:
      writeFileSync(`${path}.zip`, zipped(files));
      break;
    default: {
      const folder = new TemporaryFolder('tablelab-class-');
      try {
        writeFolder(folder.path, files);
        await createTar({ file: `${path}.tar.gz`, gzip: true, cwd: folder.path, portable: true }, [
          ...files.keys(),
        ]);
      } finally {
        folder.remove();
      }
    }
  }
}

function writeFolder(folder: string, files: Files): void {
  for (const [file, content] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
}

function zipped(files: Files): Buffer {
  return zipOf(
    [...files].map(([path, content]) => ({ path: `work/${path}`, content: Buffer.from(content) })),
  );
}

function writeUnreadable(what: (typeof unreadable)[number], path: string, files: Files): void {
  switch (what) {
    case 'an empty folder':
      mkdirSync(path);
      break;
    case 'no archive':
      writeFileSync(`${path}.zip`, 'This is my homework.');
      break;
    case 'half an archive': {
      const whole = zipped(files);
      writeFileSync(`${path}.zip`, whole.subarray(0, whole.length / 2));
      break;
    }
    case 'other files':
      writeFolder(path, new Map([['homework.txt', 'See my repository.']]));
      break;
    case 'a link out':
      symlinkSync('/etc', path);
      break;
  }
}
