import type { Recording } from './recording.ts';

/** The place of the first frame in which each server's machine runs one. */
const firstPlaces = new WeakMap<Recording, ReadonlyMap<string, number>>();

function firstPlacesIn(recording: Recording): ReadonlyMap<string, number> {
  const known = firstPlaces.get(recording);
  if (known !== undefined) return known;
  const places = new Map<string, number>();
  for (const [place, { servers }] of recording.frames.entries()) {
    for (const { host } of servers) if (!places.has(host)) places.set(host, place);
  }
  firstPlaces.set(recording, places);
  return places;
}

/** The machines on which a server has run that runs no more: it was killed, or it has left. */
export function goneServersAt(recording: Recording, place: number): string[] {
  const running = recording.frames[place]?.servers ?? [];
  return [...firstPlacesIn(recording)]
    .filter(([host, first]) => first < place && running.every((server) => server.host !== host))
    .map(([host]) => host)
    .sort();
}
