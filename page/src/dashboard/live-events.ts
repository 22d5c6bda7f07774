import { type ListedServer, statusOf } from '@tablelab/part4/live';
import type { LiveEvent, LiveNow, WhatHappened } from './live-messages.ts';

/** What has happened between two looks at the chain. */
export function liveEvents(before: LiveNow | undefined, now: LiveNow): LiveEvent[] {
  const { at } = now;
  if (before === undefined) return [];
  const events: LiveEvent[] = [];
  const add = (happened: WhatHappened) => events.push({ at, ...happened });
  if (before.zooKeeper.isUp && !now.zooKeeper.isUp) add({ kind: 'fault', what: 'zookeeper-lost' });
  if (!before.zooKeeper.isUp && now.zooKeeper.isUp) add({ kind: 'mended', what: 'zookeeper-back' });
  for (const server of now.servers) {
    const last = before.servers.find(({ address }) => address === server.address);
    if (last === undefined || last.id !== server.id) {
      if (server.id === undefined) add({ kind: 'joining', what: 'waits', ...placeOf(server) });
      else add({ kind: 'mended', what: 'is-in', ...placeOf(server) });
    }
    if (last === undefined) continue;
    if (answers(last) && !answers(server)) add({ kind: 'fault', what: 'silent', ...placeOf(server) });
    if (!answers(last) && answers(server)) add({ kind: 'mended', what: 'answers-again', ...placeOf(server) });
  }
  for (const last of before.servers) {
    if (!now.servers.some(({ address }) => address === last.address))
      add({ kind: 'fault', what: 'has-left', ...placeOf(last) });
  }
  if (now.viewVersion !== before.viewVersion && now.viewVersion >= 0)
    add({ kind: 'view', what: 'view', version: now.viewVersion, servers: now.zooKeeper.view });
  return events;
}

function answers(server: ListedServer): boolean {
  return statusOf(server) !== undefined;
}

function placeOf({ id, address }: ListedServer): Pick<ListedServer, 'id' | 'address'> {
  return { id, address };
}
