import { z } from 'zod';
import { loadYaml } from '../yaml-lines.ts';

const files = z.array(z.string()).min(1);
const shape = z.strictObject({
  'score-min': z.number().min(0).max(100),
  parts: z.record(z.string(), z.array(z.strictObject({ mutate: files, tests: files }))),
  wording: z.string(),
  equivalent: z.array(
    z.strictObject({ file: z.string(), line: z.string(), by: z.string(), reason: z.string() }),
  ),
});

/** What is mutated, see `course/mutation.yaml`. */
export type MutationSettings = z.infer<typeof shape>;

/** @throws TableError BAD_REQUEST with the line of the first error */
export function loadMutationSettings(root: string): MutationSettings {
  return loadYaml(root, 'course/mutation.yaml', shape);
}
