import type { CoursePart } from './course-file.ts';
import type { Stub } from './stubs.ts';

/** How many rules the error of a stub names. */
const rulesNamedMax = 4;

/** The stubs of all steps, by file. Each names the rules of its step. */
export function stubsOf({ part, steps }: Pick<CoursePart, 'part' | 'steps'>): Map<string, Stub[]> {
  const stubs = new Map<string, Stub[]>();
  for (const { write, rules } of steps) {
    for (const { file, members, rulesOf, atFirst } of write) {
      const own = stubs.get(file) ?? [];
      stubs.set(file, own);
      own.push(
        ...members.map((member) => ({
          member,
          rules: addressesOf(part, rulesOf[member] ?? rules),
          atFirst: atFirst[member],
        })),
      );
    }
  }
  return stubs;
}

function addressesOf(part: number, rules: readonly string[]): string[] {
  const addresses = rules.map((rule, index) => (index === 0 ? `part${part}/README.md#${rule}` : `#${rule}`));
  return addresses.length <= rulesNamedMax ? addresses : [...addresses.slice(0, rulesNamedMax), 'and others'];
}
