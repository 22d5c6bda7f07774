/** Formats keys, values and errors for a terminal, which must not interpret them as control sequences. */

/** How many bytes are shown of a value that is not text. */
const hexBytesMax = 32;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Characters that do not occur in text and that a terminal acts on: control characters (C0, DEL, C1) except tab, LF and
 * CR. Joiners, direction marks and characters newer than this program are text.
 */
const noText = /(?![\t\n\r])\p{Cc}/u;

/** Characters that are replaced on a terminal: those above, CR, and those that change the direction of the text. */
const controlling = /(?![\t\n])[\p{Cc}\u202a-\u202e\u2066-\u206f]/gu;

/** The same for text on one line, where line ends are replaced, too. */
const controllingInLine = /(?!\t)[\p{Cc}\u2028-\u202e\u2066-\u206f]/gu;

/** `bytes` as text; undefined if they are not UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    // Not UTF-8.
    return undefined;
  }
}

/**
 * A value for display: text, with `\u{202e}` and the like instead of characters that a terminal would act on; otherwise
 * the size and the first bytes: `<3 bytes: 00ff7f>`.
 */
export function valueText(value: Uint8Array): string {
  if (value.length === 0) return '<0 bytes>';
  const text = textOf(value);
  if (text !== undefined && !noText.test(text)) return text.replace(controlling, escapeCharacter);
  const shown = Buffer.from(value.subarray(0, hexBytesMax)).toString('hex');
  const more = value.length > hexBytesMax ? '...' : '';
  return `<${value.length} byte${value.length === 1 ? '' : 's'}: ${shown}${more}>`;
}

/** A value for JSON: as text if it is UTF-8, otherwise in base64. */
export function valueJson(value: Uint8Array): { text: string } | { base64: string } {
  const text = textOf(value);
  return text === undefined ? { base64: Buffer.from(value).toString('base64') } : { text };
}

/** The key as it is; as a JSON string if it is empty, does not fit on one line, or looks like a JSON string itself. */
export function keyText(key: string): string {
  return key !== '' && !key.startsWith('"') && isTypeable(key) ? key : jsonText(key);
}

/** Whether a terminal shows `text` unchanged, on one line. */
export function isTypeable(text: string): boolean {
  return text.search(controllingInLine) < 0;
}

/** Text from another program, safe to show on one line. */
export function lineText(text: string): string {
  return text.replace(controllingInLine, escapeCharacter);
}

/** `value` as JSON on one line, safe to show on a terminal. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    controllingInLine,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
