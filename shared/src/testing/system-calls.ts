/** A system call in a trace of strace. `start` and `end` are places in the trace: a call that ended before another began has the lower numbers. */
export interface SystemCall {
  readonly name: string;
  /** Its arguments, with the file or connection of each descriptor. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The calls in what `strace -f -yy -o FILE` has written that have ended without an error, in the order in which they began. */
export function systemCalls(trace: string): SystemCall[] {
  const begun = new Map<string, { readonly name: string; readonly text: string; readonly start: number }>();
  const calls: SystemCall[] = [];
  for (const [place, line] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    const [, name] = /^(\w+)\(/.exec(rest) ?? [];
    if (name !== undefined) begun.set(thread, { name, text: rest, start: place });
    if (rest.includes('<unfinished ...>')) continue;
    const call = begun.get(thread);
    begun.delete(thread);
    if (call !== undefined && /= \d+$/.test(rest)) calls.push({ ...call, end: place });
  }
  return calls.toSorted((one, other) => one.start - other.start);
}
