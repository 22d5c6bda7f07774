const msPerSecond = 1_000;
const nsPerMs = 1e6;

/**
 * Milliseconds of the system's monotonic clock, the same in all threads; `performance.now` counts from the start of its
 * thread.
 */
export function sharedNowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * msPerSecond + nanoseconds / nsPerMs;
}
