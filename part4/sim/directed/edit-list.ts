import { TableError } from '@tablelab/shared';
import { z } from 'zod';
import { actionSchema } from './action.ts';

/** Edits of one run; each takes a moment to play, and all of them fit into an address of a page. */
const editsMax = 200;
const atMsMax = 600_000;
const afterMax = 300_000;

const edit = actionSchema({
  /** The time at which it happens, in milliseconds since the beginning: after all events until then. */
  at: z.number().min(0).max(atMsMax).exactOptional(),
  /** It happens after so many events of the simulator. */
  after: z.int().min(0).max(afterMax).exactOptional(),
});

const schema = z
  .strictObject({
    /**
     * So many servers, started one after another, and nothing else: no faults and no clients but those of the edits. Left out: the
     * servers, clients and faults of the seed.
     */
    servers: z.int().min(1).max(5).exactOptional(),
    edits: z.array(edit).max(editsMax),
  })
  .superRefine(({ edits }, context) => {
    for (const { index, message } of problemsWith(edits)) {
      context.addIssue({ code: 'custom', path: ['edits', index], message });
    }
  });

/** An action, and the point at which it happens. */
export type Edit = Readonly<z.infer<typeof edit>>;

/** What a person does in the course of a run, in this order. Plain JSON, which repeats the run together with its seed. */
export type EditList = Readonly<z.infer<typeof schema>>;

/** @throws TableError BAD_REQUEST, which names the edit and the field that are wrong */
export function editListFrom(text: string): EditList {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new TableError('BAD_REQUEST', `the edits are no JSON: ${(cause as Error).message}`, { cause });
  }
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const issues = error.issues.map(({ path, message }) => {
    const [list, index, ...fields] = path;
    const where = list === 'edits' && index !== undefined ? [`edit ${String(index)}`, ...fields] : path;
    return `${where.map(String).join(', ') || 'all of it'}: ${message}`;
  });
  throw new TableError('BAD_REQUEST', `the edits are malformed: ${issues.join('; ')}`, { cause: error });
}

interface Problem {
  readonly index: number;
  readonly message: string;
}

/** Each edit has one point, and none is before that of an earlier edit. */
function problemsWith(edits: readonly Edit[]): Problem[] {
  const last = { at: 0, after: 0 };
  const problems: Problem[] = [];
  for (const [index, edit] of edits.entries()) {
    if ((edit.at === undefined) === (edit.after === undefined))
      problems.push({ index, message: 'it needs one of "at" and "after"' });
    for (const point of ['at', 'after'] as const) {
      const value = edit[point];
      if (value === undefined) continue;
      if (value < last[point])
        problems.push({ index, message: `"${point}" is ${value}, and an earlier edit has ${last[point]}` });
      last[point] = Math.max(last[point], value);
    }
  }
  return problems;
}
