import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signature } from './diagnose.ts';

/**
 * What fails for each wrong solution of a part, as `npm run course:check -- --part N --signatures FILE` found it; nothing if that has
 * not been run.
 */
export function loadSignatures(root: string, part: number): Signature[] {
  const file = join(root, signaturesFileOf(part));
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Signature[]) : [];
}

/** Relative to the kit's root. */
function signaturesFileOf(part: number): string {
  return `course/signatures/part${part}.json`;
}
