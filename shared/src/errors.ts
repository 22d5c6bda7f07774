/**
 * The kit's only error class, for every expected failure: from an invalid key to a server that cannot be reached.
 * A bug is not an expected failure; it throws through {@link assert}.
 */

/**
 * Why an operation failed. All but the last three travel in the message's field `error` (sdmessage.proto, ErrorCode);
 * the client itself reports TIMEOUT and UNREACHABLE, when it has no reply, and ABORTED, when its caller wants none.
 *
 * BUSY and FULL both say that there was no room. BUSY means "later": the same operation may succeed in a moment. FULL
 * means that the table has no memory for this write until something is deleted. DISK_FULL: the server's disk has no room
 * for any write until a person makes some. UNCERTAIN: the server that accepted the write cannot know whether it will be
 * executed.
 */
export const errorCodes = [
  'NONE',
  'BAD_REQUEST',
  'TOO_LARGE',
  'NOT_HEAD',
  'NOT_TAIL',
  'NOT_READY',
  'BUSY',
  'SHUTTING_DOWN',
  'LOST',
  'INTERNAL',
  'KEY_ABSENT',
  'UNCERTAIN',
  'FULL',
  'DISK_FULL',
  'TIMEOUT',
  'UNREACHABLE',
  'ABORTED',
] as const;

export type ErrorCode = Exclude<(typeof errorCodes)[number], 'NONE'>;

export class TableError extends Error {
  override readonly name = 'TableError';
  readonly code: ErrorCode;
  /**
   * Whether the operation may have taken effect in spite of the error. False is a promise: it did not and never will. A
   * caller needs to know this before it repeats a write, and a linearizability checker before it judges a history.
   */
  readonly mayHaveHappened: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; mayHaveHappened?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.mayHaveHappened = options.mayHaveHappened ?? false;
  }
}

/** The message of any thrown value: one line, without a stack. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
