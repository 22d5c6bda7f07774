import { headOf } from '../../src/core/view.ts';
import { type Action, endOf, type WorldState, type Write } from './parts.ts';

/** All that can happen now. */
export function possibleActions(world: WorldState): Action[] {
  const soon = [
    ...serverActions(world),
    ...writeActions(world, ({ state }) => state === 'new' || state === 'lost'),
  ];
  const later =
    soon.length > 0 ? [] : [...redials(world), ...writeActions(world, ({ state }) => state === 'refused')];
  const crashes = soon.length + later.length > 0 ? crashActions(world) : [];
  return [...soon, ...later, ...crashes];
}

export function* serverActions(world: WorldState): Generator<Action> {
  for (const [server, { isAlive, change, seen, toExecute, ends }] of world.servers.entries()) {
    if (!isAlive) {
      if (!isExpired(world, server)) yield { type: 'expire', server };
      continue;
    }
    if (toExecute.length > 0) yield { type: 'execute', server };
    if (change !== undefined) yield { type: change.isDone ? 'change-over' : 'change', server };
    else if (seen !== world.state) yield { type: 'read', server };
    for (const [link, end] of ends) {
      if (end.incoming.length > 0) yield { type: 'arrive', server, link };
      else if (end.peer === undefined && !end.isLater) yield { type: 'dial', server, link };
    }
  }
}

export function* redials(world: WorldState): Generator<Action> {
  for (const [server, { isAlive, ends }] of world.servers.entries()) {
    if (!isAlive) continue;
    for (const [link, { peer }] of ends) if (peer === undefined) yield { type: 'dial', server, link };
  }
}

function* writeActions(world: WorldState, isMeant: (write: Write) => boolean): Generator<Action> {
  const head = headOf(world.state.view)?.id;
  if (head === undefined || world.servers[head]?.isAlive !== true) return;
  for (const write of world.writes) {
    if (isMeant(write)) yield { type: 'write', server: head, request: write.request };
  }
}

function* crashActions(world: WorldState): Generator<Action> {
  if (world.crashesLeft === 0) return;
  for (const [server, { isAlive, ends }] of world.servers.entries()) {
    if (!isAlive) continue;
    yield { type: 'crash', server, losesSent: false };
    const hasSent = [...ends.values()].some(({ peer }) => (endOf(world, peer)?.incoming.length ?? 0) > 0);
    if (hasSent) yield { type: 'crash', server, losesSent: true };
  }
}

function isExpired({ state }: WorldState, number: number): boolean {
  return !state.view.servers.some(({ id }) => id === number);
}
