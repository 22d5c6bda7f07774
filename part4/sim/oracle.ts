import { logicalEntryBytes, must } from '@tablelab/shared';
import type { ChainEffect, ChainEvent } from '../src/core/effects.ts';
import { isNamed, type MembershipRecord } from '../src/core/membership-record.ts';
import type { WriteRequest } from '../src/core/update.ts';
import { predecessorOf, successorOf } from '../src/core/view.ts';
import {
  ancestorAt,
  contains,
  type HistoryNode,
  type HistoryTree,
  isAppliedTo,
  rule,
} from './history-tree.ts';
import type { SimServer } from './server.ts';
import type { World } from './world.ts';

/** Events after which a server may begin to serve. */
const turns: ReadonlySet<ChainEvent['type']> = new Set([
  'directory',
  'heartbeat',
  'message',
  'wake',
  'change-over',
  'session-started',
]);

/**
 * Sees the whole state of a run, and checks the rules at every step (part4/README.md, Rules). Invariant: `committed` is
 * the longest history that any server considers stable.
 */
export class Oracle {
  readonly #world: World;
  readonly #tree: HistoryTree;
  readonly #servers: () => Iterable<SimServer>;
  readonly #stable = new WeakMap<SimServer, number>();
  #committed: HistoryNode;
  #record: MembershipRecord | undefined;

  constructor(options: {
    readonly world: World;
    readonly tree: HistoryTree;
    /** All running servers, including frozen ones. */
    readonly servers: () => Iterable<SimServer>;
  }) {
    this.#world = options.world;
    this.#tree = options.tree;
    this.#servers = options.servers;
    this.#committed = this.#tree.root;
  }

  get committed(): HistoryNode {
    return this.#committed;
  }

  /** The record as ZooKeeper has it now. */
  get record(): MembershipRecord | undefined {
    return this.#record;
  }

  onRecord(record: MembershipRecord | undefined): void {
    if (record === this.#record) return;
    this.#record = record;
    this.#checkMembers();
  }

  onHandled(server: SimServer, event: ChainEvent): void {
    if (server.core.isMember) this.#noteStable(server);
    if (!turns.has(event.type)) return;
    if (server.servesReads) this.#checkTail(server);
    if (server.takesWrites) this.#checkHead(server);
    if (event.type !== 'directory') return;
    if (server.core.isMember) server.table.checkContents(server.name);
    this.#checkNeighbours(server);
  }

  onEffect(server: SimServer, effect: ChainEffect): void {
    if (effect.type === 'wipe') {
      const counts = this.#record !== undefined && isNamed(this.#record, server.member);
      rule(
        !counts || this.#committed === this.#tree.root,
        () => `${server.name} wipes what the record counts on`,
      );
    }
    if (effect.type !== 'reply' || effect.reply.type !== 'committed') return;
    const { name, isApplied } = effect.reply;
    const { history } = server.table;
    rule(name.seq <= history.seq, () => `${server.name} has not executed ${name.epoch}:${name.seq} itself`);
    const committed = ancestorAt(history, name.seq);
    rule(committed.update?.epoch === name.epoch, () => {
      return `${server.name} calls ${committed.update?.epoch}:${name.seq} by the name ${name.epoch}:${name.seq}`;
    });
    rule(committed.update?.isApplied === isApplied, () => {
      return `${server.name} answers ${isApplied} to ${nameOf(committed)}, whose outcome was ${committed.update?.isApplied}`;
    });
    this.#noteCommitted(committed, server);
  }

  /** FULL is correct only if the table, after all received updates, has no room for the write. */
  checkFull(server: SimServer, write: WriteRequest): void {
    const { op, key, data } = write;
    const { contents } = server.table.history;
    const capacityBytes = must(server.core.record, 'a head acts on a record').capacityBytes;
    const bytesOf = (value: Uint8Array | undefined) =>
      value === undefined ? 0 : logicalEntryBytes(key.length, value.length);
    rule(
      isAppliedTo(contents, write),
      () => `${server.name} calls a table full for a write that changes nothing`,
    );
    let bytes = bytesOf(op === 'del' ? undefined : data) - bytesOf(contents.get(key));
    for (const [other, value] of contents) bytes += logicalEntryBytes(other.length, value.length);
    rule(bytes > capacityBytes, () => `${server.name} calls a table full that has room for ${key}`);
  }

  onExecuted(server: SimServer): void {
    if (!server.core.isMember) return;
    server.table.checkContents(server.name);
    this.#checkPredecessor(server);
  }

  onRead(server: SimServer): void {
    rule(server.servesReads, () => `${server.name} answers a read, and must not`);
    this.#checkTail(server);
    this.#checkVerify(server);
  }

  /** At the end all serving servers must have the same, complete history. */
  checkConverged(servers: readonly SimServer[]): void {
    for (const server of servers) {
      rule(contains(server.table.history, this.#committed), () => `${server.name} lacks what was committed`);
      server.table.checkContents(server.name);
    }
  }

  #noteStable(server: SimServer): void {
    const { stable } = server.core;
    if (this.#stable.get(server) === stable) return;
    this.#stable.set(server, stable);
    this.#noteCommitted(ancestorAt(server.table.history, stable - 1), server);
  }

  #noteCommitted(history: HistoryNode, by: SimServer): void {
    if (history.seq <= this.#committed.seq) {
      rule(contains(this.#committed, history), () => {
        return `${by.name} takes ${nameOf(history)} for committed, beside ${nameOf(this.#committed)}`;
      });
      return;
    }
    rule(contains(history, this.#committed), () => {
      return `${by.name} takes ${nameOf(history)} for committed, without ${nameOf(this.#committed)}`;
    });
    for (let node = history; node !== this.#committed; node = node.parent as HistoryNode) {
      rule(!node.isLost, () => `${nameOf(node)} is committed, and was said to be lost`);
    }
    this.#committed = history;
    this.#checkMembers();
  }

  /** Every server in the record must have everything that was committed. */
  #checkMembers(): void {
    const committed = this.#committed;
    if (this.#record === undefined || committed === this.#tree.root) return;
    for (const server of this.#servers()) {
      if (!isNamed(this.#record, server.member)) continue;
      rule(contains(server.table.history, committed), () => {
        return `${nameOf(committed)} is committed, and ${server.name}, a member, has ${nameOf(server.table.history)}`;
      });
    }
  }

  #checkTail(server: SimServer): void {
    for (const other of this.#servers()) {
      rule(
        other === server || !other.servesReads,
        () => `${server.name} and ${other.name} both answer reads`,
      );
    }
    rule(contains(server.table.history, this.#committed), () => {
      return `${server.name} answers reads without ${nameOf(this.#committed)}, which is committed`;
    });
  }

  #checkHead(server: SimServer): void {
    for (const other of this.#servers()) {
      rule(other === server || !other.takesWrites, () => `${server.name} and ${other.name} both take writes`);
    }
    rule(contains(server.table.history, this.#committed), () => {
      return `${server.name} takes writes without ${nameOf(this.#committed)}, which is committed`;
    });
  }

  /** Update propagation (van Renesse & Schneider 2004, section 3): a server's history begins with its successor's. */
  #checkNeighbours(server: SimServer): void {
    this.#checkPredecessor(server);
    const { view, id } = server.core;
    const next = view === undefined || id === undefined ? undefined : successorOf(view, id);
    for (const other of this.#servers()) {
      if (other.session === next?.session) this.#checkPredecessor(other);
    }
  }

  #checkPredecessor(server: SimServer): void {
    const { view, id, isMember } = server.core;
    if (view === undefined || id === undefined || !isMember) return;
    const entry = predecessorOf(view, id);
    if (entry === undefined) return;
    for (const other of this.#servers()) {
      if (other.session !== entry.session) continue;
      if (other.core.view?.version !== view.version || !other.core.isMember) continue;
      rule(contains(other.table.history, server.table.history), () => {
        return `${server.name} has ${nameOf(server.table.history)}, its predecessor ${other.name} ${nameOf(other.table.history)}`;
      });
    }
  }

  /** The tail's answer about a write: `executed` only if it has the write, `lost` only if the write can never come. */
  #checkVerify(server: SimServer): void {
    const { history } = server.table;
    const nodes = this.#tree.latest;
    const node = nodes[this.#world.random.int(nodes.length)];
    if (node?.update === undefined) return;
    const { epoch, seq } = node.update;
    const number = server.core.operationNumber({ epoch, seq });
    const outcome = server.core.verify({ epoch, number });
    const isThere = contains(history, node);
    rule(
      server.core.verify({ epoch: undefined, number }) === outcome,
      () => `${server.name} answers for ${nameOf(node)} otherwise when it is asked by number alone`,
    );
    rule(
      outcome !== 'executed' || isThere,
      () => `${server.name} verifies ${nameOf(node)}, which it has not`,
    );
    rule(outcome !== 'lost' || !isThere, () => `${server.name} calls ${nameOf(node)} lost, and has it`);
    rule(outcome === 'executed' || !contains(this.#committed, node), () => {
      return `${server.name} calls ${nameOf(node)} ${outcome}, which is committed`;
    });
    const isApplied = server.core.outcomeOf({ epoch, number });
    rule(
      isApplied === undefined || (outcome === 'executed' && isApplied === node.update.isApplied),
      () => `${server.name} says ${isApplied} of ${nameOf(node)}, which is ${outcome}`,
    );
    if (outcome === 'lost') node.isLost = true;
  }
}

function nameOf({ update, seq }: HistoryNode): string {
  return update === undefined ? 'the empty history' : `${update.epoch}:${seq}`;
}
