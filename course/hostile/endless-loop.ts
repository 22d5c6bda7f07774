/** Never returns. */
export function duplicateData(): never {
  for (;;);
}

export function duplicateEntry(): never {
  for (;;);
}
