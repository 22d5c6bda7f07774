import { hexadecimalText } from './hexadecimal-text.ts';
import type { OperationPicture } from './recording.ts';

/** A client's name is 128 random bits in hexadecimal, whose beginning tells it from the few others. */
const clientName = /\b([\da-f]{4})[\da-f]{28}\b/g;

/** More decimals than a person reads. */
const longFraction = /(\d\.\d)\d{3,}/g;

/** A value in a client's request: the hexadecimal digits of its bytes. */
const requestValue = /(?<==| where )((?:[\da-f]{2})+)\b/g;

const callLine = /^(\S+) call \d+ /;
const doneLine = /^(\S+) done (\d+) /;

/** A line of the trace for people: without its time, which the list has, and with values and answers as text. */
export function readableLine(line: string, operations: readonly OperationPicture[]): string {
  const withoutTime = line.slice(line.indexOf(' ') + 1);
  const shown = withoutTime.replaceAll(clientName, '$1…').replaceAll(longFraction, '$1');
  if (callLine.test(shown))
    return shown.replaceAll(requestValue, (digits) => hexadecimalText(digits) ?? digits);
  const [, client, number] = doneLine.exec(shown) ?? [];
  const ended = operations.find((one) => one.client === client && one.number === Number(number));
  return ended === undefined ? shown : `${shown}: ${ended.text}`;
}
