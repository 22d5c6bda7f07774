/**
 * Follows a stream of events while the page is in sight. A browser has six connections to a server, over HTTP/1.1 for all its pages
 * together, and a stream keeps one: without this, the seventh page would never load.
 * @param begin opens the stream, and returns what closes it
 */
export function followInSight(begin: () => () => void): void {
  let end: (() => void) | undefined;
  const follow = () => {
    if (document.visibilityState === 'hidden') {
      end?.();
      end = undefined;
    } else end ??= begin();
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}
