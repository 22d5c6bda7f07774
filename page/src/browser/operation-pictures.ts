import { smallestPart } from '@tablelab/part4/linearizability/smallest-part';
import { type Operation, requestAndAnswer } from '@tablelab/part4/operation';
import type { OperationPicture } from './recording.ts';

/** A value in a history is the hexadecimal digits of its bytes. */
const hexadecimalValue = /(?<= = | -> )"((?:[\da-f]{2})+)"/g;

/** A value that a person gave is text, and a seed's is none: it begins with a control character. */
function valueText(quoted: string, digits: string): string {
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const text = new TextDecoder().decode(bytes);
  return /[\p{Cc}\ufffd]/u.test(text) ? quoted : JSON.stringify(text);
}

export function operationPicture(operation: Operation): OperationPicture {
  const { client, outcome, call } = operation;
  const text = requestAndAnswer(operation).replaceAll(hexadecimalValue, valueText);
  return { client: String(client), text, outcome, callMs: call, returnMs: operation.return };
}

/** The places of the shortest part of a history for which no order exists, in the order of their calls. */
export function noOrderIn(operations: readonly Operation[]): number[] | undefined {
  const part = smallestPart(operations);
  return part
    ?.toSorted((one, other) => one.call - other.call)
    .map((operation) => operations.indexOf(operation));
}
