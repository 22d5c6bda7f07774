import { type ListedServer, statusOf } from '@tablelab/part4/live';
import type { LiveEvent, LiveNow } from './live-messages.ts';

/** What has happened between two looks at the chain, for people. */
export function liveEvents(before: LiveNow | undefined, now: LiveNow): LiveEvent[] {
  const { at } = now;
  if (before === undefined) return [];
  const events: LiveEvent[] = [];
  const add = (kind: LiveEvent['kind'], text: string) => events.push({ at, kind, text });
  if (before.zooKeeper.isUp && !now.zooKeeper.isUp) add('fault', 'no connection to ZooKeeper');
  if (!before.zooKeeper.isUp && now.zooKeeper.isUp) add('mended', 'ZooKeeper is there');
  for (const server of now.servers) {
    const last = before.servers.find(({ address }) => address === server.address);
    if (last === undefined || last.id !== server.id) {
      if (server.id === undefined) add('joining', `${server.address} waits to join`);
      else add('mended', `${nameOf(server)} is in the chain`);
    }
    if (last === undefined) continue;
    if (answers(last) && !answers(server)) add('fault', `${nameOf(server)} does not answer`);
    if (!answers(last) && answers(server)) add('mended', `${nameOf(server)} answers again`);
  }
  for (const last of before.servers) {
    if (!now.servers.some(({ address }) => address === last.address))
      add('fault', `${nameOf(last)} has left`);
  }
  if (now.viewVersion !== before.viewVersion && now.viewVersion >= 0)
    add('view', `view ${now.viewVersion}: ${now.zooKeeper.view.join(' → ') || 'no server'}`);
  return events;
}

function answers(server: ListedServer): boolean {
  return statusOf(server) !== undefined;
}

function nameOf({ id, address }: ListedServer): string {
  return id === undefined ? address : `server ${id} (${address})`;
}
