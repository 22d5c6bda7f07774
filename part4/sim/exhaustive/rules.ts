import { must } from '@tablelab/shared';
import { predecessorOf } from '../../src/core/view.ts';
import { contains, rule } from '../history-tree.ts';
import type { Server, WorldState } from './parts.ts';

/** What holds of a server after each of its events. */
export function checkServer(world: WorldState, number: number): void {
  const server = must(world.servers[number], 'there is such a server');
  const { core, history, name } = server;
  const serves = (other: Server) => other.isAlive && other.core.readRefusal(0) === undefined;
  if (serves(server)) {
    for (const other of world.servers) {
      rule(other === server || !serves(other), () => `${name} and ${other.name} both answer reads`);
    }
    rule(contains(history, world.committed), () => `${name} answers reads without all that is committed`);
  }
  const { view, id } = core;
  const entry = view === undefined || id === undefined ? undefined : predecessorOf(view, id);
  const before = world.servers.find((other) => other.name === entry?.address);
  if (before !== undefined && before.core.view?.version === view?.version) {
    rule(contains(before.history, history), () => `${name} has more than ${before.name} before it`);
  }
}

/** What holds of all servers that the record names. */
export function checkMembers(world: WorldState): void {
  for (const { isAlive, name, history } of world.servers) {
    const isNamed = world.state.record?.members.some(({ member }) => member === name.replace('s', 'm'));
    if (!isAlive || !isNamed) continue;
    rule(contains(history, world.committed), () => `${name}, a member, lacks what is committed`);
  }
}

/** Checks the rules that hold when nothing more can happen. */
export function checkEnd(world: WorldState): void {
  const alive = world.servers.filter(({ isAlive }) => isAlive);
  for (const { request, state } of world.writes) {
    rule(state === 'done', () => `write ${request} is ${state} at the end`);
  }
  for (const { name, core, history } of alive) {
    rule(core.isMember, () => `${name} is no member at the end`);
    rule(history === world.committed, () => `${name} has ${history.seq + 1} updates at the end`);
  }
  rule(
    world.committed.seq === world.writes.length,
    () => `there are ${world.committed.seq} writes in the history`,
  );
}
