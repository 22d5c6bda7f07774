/** A wrong argument that a JavaScript program may pass, with its name for test output. */
export type WrongArgument = readonly [name: string, argument: never];

/** Wrong arguments in place of a value. */
export const noBytes: readonly WrongArgument[] = named({
  undefined: undefined,
  null: null,
  'a string': 'text',
  'a number': 7,
  'a boolean': true,
  'an object': {},
  'an array': [1],
  'a Uint16Array': new Uint16Array(1),
  'a DataView': new DataView(new ArrayBuffer(1)),
  'an ArrayBuffer': new ArrayBuffer(1),
  'a Uint8Array that was transferred': transferred(),
});

/** Wrong arguments in place of a key. */
export const noText: readonly WrongArgument[] = named({
  undefined: undefined,
  null: null,
  'a number': 7,
  'a boolean': true,
  'an object': {},
  'an array': ['a'],
  'a Uint8Array': Uint8Array.of(97),
});

function named(values: Readonly<Record<string, unknown>>): WrongArgument[] {
  return Object.entries(values) as unknown as WrongArgument[];
}

/** A transferred array has lost its bytes: its length is 0. */
function transferred(): Uint8Array {
  const bytes = Uint8Array.of(1, 2, 3);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}
