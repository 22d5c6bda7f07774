export type Log = (line: string, level: 'info' | 'warn') => void;

/** The same warning is not repeated for so long, in milliseconds. */
const repeatMs = 60_000;

/** Remembers so many warnings at most. */
const linesMax = 1_000;

/** A log that drops a warning which it has written a short while ago. */
export function limitedLog(log: Log, now: () => number): Log {
  /** When each was written, oldest first. */
  const written = new Map<string, number>();
  return (line, level) => {
    if (level === 'warn') {
      const last = written.get(line);
      if (last !== undefined && now() - last < repeatMs) return;
      written.delete(line);
      written.set(line, now());
      const [oldest = ''] = written.keys();
      if (written.size > linesMax) written.delete(oldest);
    }
    log(line, level);
  };
}
