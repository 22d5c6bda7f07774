/**
 * Memory that belongs to no process cannot be counted: anonymous files, segments of System V, shared mappings that the process which
 * filled them has left, and file systems in memory. So the system refuses these calls in a sandbox; Node needs none of them.
 *
 * The rules are a program for the kernel (seccomp). It reads what the kernel knows of a call,
 *
 *     | number (4) | architecture (4) | address of the instruction (8) | six arguments (8 each) |
 *
 * and each instruction of it has eight bytes: | operation (2) | jump if true (1) | jump if false (1) | operand (4) |.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';

interface Machine {
  /** The kernel's number for it (AUDIT_ARCH). */
  readonly architecture: number;
  /** memfd_create, memfd_secret, shmget, mount, fsopen. */
  readonly refused: readonly number[];
  readonly mmap: number;
}

const machines: Readonly<Partial<Record<NodeJS.Architecture, Machine>>> = {
  x64: { architecture: 0xc000_003e, refused: [319, 447, 29, 165, 430], mmap: 9 },
  arm64: { architecture: 0xc000_00b7, refused: [279, 447, 194, 40, 430], mmap: 222 },
};

const numberOffset = 0;
const architectureOffset = 4;
/** The lower half of the fourth argument. */
const mapFlagsOffset = 16 + 3 * 8;
/** Also the lowest bit of MAP_SHARED_VALIDATE. */
const mapShared = 1;
/** x64: calls from here on are those of programs with addresses of 32 bits. */
const otherCallsFrom = 0x4000_0000;

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const jumpIfBitSet = 0x45;
const result = 0x06;
const allow = 0x7fff_0000;
/** With the number of the error, EPERM. */
const refuse = 0x0005_0001;

/** The program for this machine; undefined for one that is not known. */
function refusals(): Buffer | undefined {
  const machine = machines[process.arch];
  if (machine === undefined) return undefined;
  const { architecture, refused, mmap } = machine;
  // The last four are: the flags of a mapping, their test, and both results.
  const length = 4 + refused.length + 1 + 4;
  const code: number[][] = [];
  /** How many instructions lie between the next one and this one. */
  const to = (index: number) => index - code.length - 1;
  const toAllow = () => to(length - 2);
  const toRefuse = () => to(length - 1);
  code.push([load, 0, 0, architectureOffset]);
  code.push([jumpIfEqual, 0, toRefuse(), architecture]);
  code.push([load, 0, 0, numberOffset]);
  code.push([jumpIfAtLeast, toRefuse(), 0, otherCallsFrom]);
  for (const call of refused) code.push([jumpIfEqual, toRefuse(), 0, call]);
  code.push([jumpIfEqual, 0, toAllow(), mmap]);
  code.push([load, 0, 0, mapFlagsOffset]);
  code.push([jumpIfBitSet, toRefuse(), 0, mapShared]);
  code.push([result, 0, 0, allow]);
  code.push([result, 0, 0, refuse]);
  const bytes = Buffer.alloc(length * 8);
  for (const [index, [operation = 0, ifTrue = 0, ifFalse = 0, operand = 0]] of code.entries()) {
    bytes.writeUInt16LE(operation, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand, index * 8 + 4);
  }
  return bytes;
}

/** Written once by each process that needs it. */
let file: string | undefined;

/** A file with the program, which bubblewrap reads; undefined on a machine that is not known. */
export function refusedCallsFile(): string | undefined {
  if (file !== undefined) return file;
  const program = refusals();
  if (program === undefined) return undefined;
  const folder = cacheFolder();
  mkdirSync(folder, { recursive: true });
  // Another grader may read it meanwhile.
  const making = mkdtempSync(join(folder, 'refused-calls.new-'));
  try {
    writeFileSync(join(making, 'program'), program);
    file = join(folder, 'refused-calls');
    renameSync(join(making, 'program'), file);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return file;
}
