/** Whether two values are there and have the same bytes: quick, where a deep comparison of 1 MiB takes seconds. */
export function sameBytes(found: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return found !== undefined && Buffer.compare(found, wanted) === 0;
}
