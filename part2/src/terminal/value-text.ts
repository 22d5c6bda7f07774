/** How keys, values and errors are shown to a person, whose terminal must not take them for commands. */

/** How many bytes of a value that is no text are shown. */
const hexBytesMax = 32;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * What a text has no use for, and a terminal acts on: control characters (C0, DEL, C1), but not tab, LF and CR. Joiners,
 * direction marks and characters that are newer than this program are text.
 */
const noText = /(?![\t\n\r])\p{Cc}/u;

/** What must not reach a terminal as it is: the above, CR, and what turns the direction of all text around it. */
const controlling = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u206f]/gu;

/** Within one line, ends of lines neither. */
const controllingInLine = /(?!\t)[\p{Cc}\u2028-\u202e\u2066-\u206f]/gu;

/** The text that `bytes` hold, if any. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    // Not UTF-8: it is no text, which is the answer.
    return undefined;
  }
}

/**
 * The value itself where it is text, with `\u{202e}` in place of what a terminal would act on; otherwise its size and
 * its first bytes: `<3 bytes: 00ff7f>`.
 */
export function valueText(value: Uint8Array): string {
  if (value.length === 0) return '<0 bytes>';
  const text = textOf(value);
  if (text !== undefined && !noText.test(text)) return text.replace(controlling, escapeCharacter);
  const shown = Buffer.from(value.subarray(0, hexBytesMax)).toString('hex');
  const more = value.length > hexBytesMax ? '...' : '';
  return `<${value.length} byte${value.length === 1 ? '' : 's'}: ${shown}${more}>`;
}

/** A value for a program: as text where it is UTF-8, otherwise in base64. */
export function valueJson(value: Uint8Array): { text: string } | { base64: string } {
  const text = textOf(value);
  return text === undefined ? { base64: Buffer.from(value).toString('base64') } : { text };
}

/** The key as it is, or as a JSON string where that would not be one line, or nothing, or taken for a JSON string. */
export function keyText(key: string): string {
  return key !== '' && !key.startsWith('"') && isTypeable(key) ? key : jsonText(key);
}

/** Whether a terminal shows `text` as it is, on one line. */
export function isTypeable(text: string): boolean {
  return text.search(controllingInLine) < 0;
}

/** A text from somewhere else, on one line. */
export function lineText(text: string): string {
  return text.replace(controllingInLine, escapeCharacter);
}

/** `value` as JSON on one line that no terminal acts on. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    controllingInLine,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
