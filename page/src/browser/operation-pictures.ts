import { smallestPart } from '@tablelab/part4/linearizability/smallest-part';
import { type Operation, requestAndAnswer } from '@tablelab/part4/operation';
import { hexadecimalText } from './hexadecimal-text.ts';
import type { OperationPicture } from './recording.ts';

/** A value in a history is the hexadecimal digits of its bytes. */
const hexadecimalValue = /(?<= = | -> )"((?:[\da-f]{2})+)"/g;

export function operationPicture(operation: Operation): OperationPicture {
  const { client, outcome, call } = operation;
  const text = requestAndAnswer(operation).replaceAll(
    hexadecimalValue,
    (quoted, digits: string) => hexadecimalText(digits) ?? quoted,
  );
  return { client: String(client), text, outcome, callMs: call, returnMs: operation.return };
}

/** The places of the shortest part of a history for which no order exists, in the order of their calls. */
export function noOrderIn(operations: readonly Operation[]): number[] | undefined {
  const part = smallestPart(operations);
  return part
    ?.toSorted((one, other) => one.call - other.call)
    .map((operation) => operations.indexOf(operation));
}
