import { errorText, TableError } from '@tablelab/shared';
import { jsonText, lineText } from './value-text.ts';

/** Formats the failure of a command. */

/** As text on one line. */
export function errorLine(error: unknown): string {
  const doubt = mayHaveHappened(error) ? ' (it may have happened all the same)' : '';
  return `error: ${lineText(errorText(error))}${doubt}`;
}

/** As JSON. `details`: more fields, for instance the line number. */
export function errorJson(
  command: string,
  error: unknown,
  details: Readonly<Record<string, unknown>> = {},
): string {
  const code = error instanceof TableError ? error.code : 'BAD_REQUEST';
  const text = errorText(error);
  return jsonText({ command, ...details, error: { code, text, mayHaveHappened: mayHaveHappened(error) } });
}

function mayHaveHappened(error: unknown): boolean {
  return error instanceof TableError && error.mayHaveHappened;
}
