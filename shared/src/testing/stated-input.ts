const statedInputKey = Symbol.for('tablelab.stated-input');
const statements = globalThis as { [statedInputKey]?: string };

/**
 * Says what the code under test is given, in the hand-out's words, where the calls into it do not: a report shows this as the input of
 * what fails from now on in this test. Each statement replaces the one before.
 */
export function stateInput(text: string): void {
  statements[statedInputKey] = text;
}

/** What has been stated since {@link forgetInput}. */
export function statedInput(): string | undefined {
  return statements[statedInputKey];
}

/** For the harness, at the beginning of a test. */
export function forgetInput(): void {
  delete statements[statedInputKey];
}
