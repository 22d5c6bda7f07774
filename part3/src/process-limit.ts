import { readFileSync } from 'node:fs';

/**
 * A limit of this process that the system sets, in the system's unit: `Max open files`, `Max address space` (bytes). Node
 * does not tell; Linux does, in /proc. Infinite elsewhere, and where there is no limit.
 */
export function processLimit(name: 'Max open files' | 'Max address space'): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const [, limit] = new RegExp(`^${name} +(\\d+)`, 'm').exec(limits) ?? [];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
