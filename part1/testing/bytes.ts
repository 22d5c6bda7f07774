/** Whether both values exist and have the same bytes. Fast: a deep comparison of 1 MiB by tap takes seconds. */
export function sameBytes(found: Uint8Array | undefined, wanted: Uint8Array): boolean {
  return found !== undefined && Buffer.compare(found, wanted) === 0;
}
