import type { ErrorCode } from '@tablelab/shared';

/** The names and numbers of `message_t` (shared/proto/sdmessage.proto; assignment part 2, "Messages"). */

/** Which fields carry the content. */
export const ContentType = Object.freeze({
  CT_BAD: 0,
  CT_KEY: 10,
  CT_VALUE: 20,
  CT_ENTRY: 30,
  CT_KEYS: 40,
  CT_RESULT: 50,
  CT_NONE: 60,
} as const);

/** When a put or del is answered (part 4). */
export const Ack = Object.freeze({ ASSIGNED: 0, COMMITTED: 1 });

/** What a write has done that depends on the table; 0: not said. */
export const Outcome = Object.freeze({ UNKNOWN: 0, APPLIED: 1, NOT_APPLIED: 2 });

/** `isApplied` is undefined where it is not known, or does not depend on the table. */
export function outcomeNumber(isApplied: boolean | undefined): number {
  if (isApplied === undefined) return Outcome.UNKNOWN;
  return isApplied ? Outcome.APPLIED : Outcome.NOT_APPLIED;
}

/** The opposite of {@link outcomeNumber}; undefined also for a number that this kit does not know. */
export function isAppliedIn({ outcome }: Pick<Message, 'outcome'>): boolean | undefined {
  if (outcome === Outcome.APPLIED) return true;
  return outcome === Outcome.NOT_APPLIED ? false : undefined;
}

/** The codes that travel in the field `error`; 0, NONE, stands for "no error". */
export const ErrorNumber = Object.freeze({
  BAD_REQUEST: 1,
  TOO_LARGE: 2,
  NOT_HEAD: 3,
  NOT_TAIL: 4,
  NOT_READY: 5,
  BUSY: 6,
  SHUTTING_DOWN: 7,
  LOST: 8,
  INTERNAL: 9,
  KEY_ABSENT: 10,
  UNCERTAIN: 11,
  FULL: 12,
  DISK_FULL: 13,
});

/** An error code with a number on the wire. TIMEOUT, UNREACHABLE and ABORTED arise at the client and have no number. */
export type WireErrorCode = keyof typeof ErrorNumber & ErrorCode;

const namesByNumber = new Map<number, WireErrorCode>(
  Object.entries(ErrorNumber).map(([name, number]) => [number, name as WireErrorCode]),
);

/** The name of an error number; undefined for 0 and for numbers this kit does not know. */
export function errorName(number: number): WireErrorCode | undefined {
  return namesByNumber.get(number);
}

/** The number of an error code. A code without a number is sent as INTERNAL. */
export function errorNumber(code: ErrorCode): number {
  return code in ErrorNumber ? ErrorNumber[code as WireErrorCode] : ErrorNumber.INTERNAL;
}

/**
 * A decoded message. Every field is present; a field that the bytes did not contain has proto3's default (0, empty, false).
 * The fields are described in shared/proto/sdmessage.proto.
 */
export interface Message {
  readonly opcode: number;
  readonly c_type: number;
  readonly key: string;
  readonly data: Uint8Array;
  readonly result: number;
  readonly keys: readonly string[];
  readonly epoch: number;
  readonly client: string;
  readonly request: number;
  readonly first_incomplete: number;
  readonly ack: number;
  readonly error: number;
  readonly detail: string;
  readonly found: boolean;
  readonly sequence: number;
  readonly from: number;
  readonly limit: number;
  readonly next: number;
  readonly server: string;
  readonly expected: Uint8Array;
  readonly outcome: number;
}

/** A message to be encoded. Fields that are left out have their defaults. */
export type MessageFields = Pick<Message, 'opcode' | 'c_type'> & Partial<Message>;

/** The answer to a request: a message with the request's opcode plus one, or OP_ERROR. */
export type Reply = MessageFields & {
  /** In place of `keys`: the same as bytes already ({@link encodeKeys}), where there are many. */
  readonly encodedKeys?: Uint8Array;
};
