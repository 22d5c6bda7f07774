/** The text whose bytes these hexadecimal digits are, in quotation marks; undefined if they are none, as the values of a seed's clients. */
export function hexadecimalText(digits: string): string | undefined {
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  const text = new TextDecoder().decode(bytes);
  return /[\p{Cc}\ufffd]/u.test(text) ? undefined : JSON.stringify(text);
}
