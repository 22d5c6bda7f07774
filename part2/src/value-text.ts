/** How keys and values are shown to a person, whose terminal must not take them for commands. */

/** How many bytes of a value that is no text are shown. */
const hexBytesMax = 32;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text that `bytes` hold; undefined for bytes that are no UTF-8, for control characters, and for nothing. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const text = decoder.decode(bytes);
    return isPrintable(text) ? text : undefined;
  } catch {
    // Not UTF-8: it is no text, which is the answer.
    return undefined;
  }
}

/** The value itself where it is text; otherwise its size and its first bytes: `<3 bytes: 00ff7f>`. */
export function valueText(value: Uint8Array): string {
  const text = textOf(value);
  if (text !== undefined) return text;
  if (value.length === 0) return '<0 bytes>';
  const shown = Buffer.from(value.subarray(0, hexBytesMax)).toString('hex');
  const more = value.length > hexBytesMax ? '...' : '';
  return `<${value.length} byte${value.length === 1 ? '' : 's'}: ${shown}${more}>`;
}

/** A value for a program: as text where it is UTF-8, otherwise in base64. */
export function valueJson(value: Uint8Array): { text: string } | { base64: string } {
  try {
    return { text: decoder.decode(value) };
  } catch {
    return { base64: Buffer.from(value).toString('base64') };
  }
}

/** The key as it is, or as a JSON string where it holds what a terminal would act on, or nothing at all. */
export function keyText(key: string): string {
  return key !== '' && isPrintable(key) ? key : JSON.stringify(key).replace(/\p{C}/gu, escapeCharacter);
}

/** Tabs are harmless; other control and formatting characters are not. */
function isPrintable(text: string): boolean {
  return !/(?!\t)\p{C}/u.test(text);
}

function escapeCharacter(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}
