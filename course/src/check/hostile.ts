/** Where the machine of a hostile submission is: what it tries to reach. */
export type HostilePlaces = Readonly<
  Record<'REFERENCE' | 'SUBMISSION' | 'REPORTS' | 'HIDDEN' | 'HOST' | 'PORT' | 'MARK', string>
>;

/**
 * The hostile file of a submission: a file of `course/hostile` in front of the hand-out's stub. What the code exports, it exports instead of
 * `entry.ts` of part 1.
 * @param code the file of `course/hostile`
 */
export function hostileSource(code: string, stub: string, places: HostilePlaces): string {
  let text = code;
  for (const [name, place] of Object.entries(places)) text = text.replaceAll(name, place);
  const own = [
    ...text.matchAll(/\b(duplicateData|duplicateEntry)\b(?=\(| as )|as (duplicateData|duplicateEntry)/g),
  ].flatMap((found) => found.slice(1));
  return `${text}\n${withoutExports(stub, own)}`;
}

/** The stub without the `export` of functions that the hostile code exports itself. */
function withoutExports(stub: string, names: readonly (string | undefined)[]): string {
  return stub.replace(/^export function (duplicate\w+)/gm, (whole, name: string) =>
    names.includes(name) ? `function stubOf_${name}` : whole,
  );
}
