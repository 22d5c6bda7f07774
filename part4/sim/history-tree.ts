import { assert, must, unreachable } from '@tablelab/shared';
import type { ChainId } from '../src/core/membership-record.ts';
import type { Update, WriteName, WriteRequest } from '../src/core/update.ts';

/** The contents of a table. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** A history: its parent's updates and then this one. Equal histories are the same object. */
export interface HistoryNode {
  readonly parent: HistoryNode | undefined;
  readonly update: Update | undefined;
  /** -1: the empty history. */
  readonly seq: number;
  readonly contents: Contents;
  /** A client has been told that its last update is lost. */
  isLost: boolean;
}

const latestMax = 12;
const noBytes = new Uint8Array(0);

/** Thrown when a run breaks a rule, which the text states. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken';
}

export function rule(holds: boolean, text: () => string): asserts holds {
  if (!holds) throw new RuleBroken(text());
}

/**
 * All histories that servers have executed. It is a tree, because updates that a head never forwarded may be replaced
 * by another head's. Equal names must mean equal histories, which is checked for each update that a server executes.
 */
export class HistoryTree {
  readonly root: HistoryNode;
  readonly #latest: HistoryNode[] = [];
  readonly #byName = new Map<string, HistoryNode>();
  /** Of a chain that goes on with another one's history: the name of the first. */
  readonly #firstNames = new Map<ChainId, ChainId>();
  /** The updates of each request of a client session, by `client/request`. */
  readonly #byRequest = new Map<string, HistoryNode[]>();

  constructor(root: HistoryNode = emptyHistory()) {
    this.root = root;
  }

  /** An independent copy; the present histories are the same objects in both. */
  copy(): HistoryTree {
    const copy = new HistoryTree(this.root);
    copy.#latest.push(...this.#latest);
    for (const [name, node] of this.#byName) copy.#byName.set(name, node);
    for (const [name, first] of this.#firstNames) copy.#firstNames.set(name, first);
    for (const [request, nodes] of this.#byRequest) copy.#byRequest.set(request, nodes);
    return copy;
  }

  /** The history of a server of `chain` that has executed `update` after `history`. */
  extended(chain: ChainId, history: HistoryNode, update: Update): HistoryNode {
    const name = this.#nameOf(chain, update);
    rule(update.seq === history.seq + 1, () => `update ${update.seq} is executed after ${history.seq}`);
    const known = this.#byName.get(name);
    if (known !== undefined) {
      const { update: same } = known;
      rule(known.parent === history && same !== undefined && isSame(same, update), () => {
        return `one name, two histories: ${describeUpdate(update)} and ${same && describeUpdate(same)}`;
      });
      return known;
    }
    const isApplied = isAppliedTo(history.contents, update);
    rule(update.isApplied === isApplied, () => {
      return `the outcome of ${describeUpdate(update)} is ${update.isApplied}, and its history makes it ${isApplied}`;
    });
    const contents = applied(history.contents, update);
    const node = { parent: history, update, seq: update.seq, contents, isLost: false };
    this.#byName.set(name, node);
    this.#checkOnce(node, update);
    this.#latest.push(node);
    if (this.#latest.length > latestMax) this.#latest.shift();
    return node;
  }

  /** The history of `chain` whose last update has this name. */
  named(chain: ChainId, { epoch, seq }: WriteName): HistoryNode {
    return must(this.find(chain, { epoch, seq }), `some server has executed ${epoch}:${seq}`);
  }

  /** The same; undefined if no server has executed it. */
  find(chain: ChainId, { epoch, seq }: WriteName): HistoryNode | undefined {
    return this.#byName.get(this.#nameOf(chain, { epoch, seq }));
  }

  /** Chain `next` goes on with the history of `chain`. */
  goOnAs(chain: ChainId, next: ChainId): void {
    this.#firstNames.set(next, this.#firstNames.get(chain) ?? chain);
  }

  /** Some of the latest histories. */
  get latest(): readonly HistoryNode[] {
    return this.#latest;
  }

  #nameOf(chain: ChainId, { epoch, seq }: WriteName): string {
    return `${this.#firstNames.get(chain) ?? chain}/${epoch}:${seq}`;
  }

  #checkOnce(node: HistoryNode, { client, request, op }: Update): void {
    if (client === '' || op === 'open') return;
    const key = `${client}/${request}`;
    const others = this.#byRequest.get(key) ?? [];
    for (const other of others) {
      rule(
        !contains(node, other),
        () => `request ${key} is in the history twice: ${other.seq} and ${node.seq}`,
      );
    }
    this.#byRequest.set(key, [...others, node]);
  }
}

function emptyHistory(): HistoryNode {
  return { parent: undefined, update: undefined, seq: -1, contents: new Map(), isLost: false };
}

/** Whether `history` begins with `beginning`. */
export function contains(history: HistoryNode, beginning: HistoryNode): boolean {
  return history.seq >= beginning.seq && ancestorAt(history, beginning.seq) === beginning;
}

/** The part of `history` up to and including update `seq`. */
export function ancestorAt(history: HistoryNode, seq: number): HistoryNode {
  assert(seq <= history.seq, `update ${seq} is not in a history of ${history.seq}`);
  let node = history;
  while (node.seq > seq) node = must(node.parent, 'only the empty history has no parent');
  return node;
}

function applied(contents: Contents, update: Update): Contents {
  const { op, key, data } = update;
  if (op === 'open' || !isAppliedTo(contents, update)) return contents;
  const changed = new Map(contents);
  if (op === 'del') changed.delete(key);
  else changed.set(key, data);
  return changed;
}

/** Whether a write, executed on this table, is applied. Computed without a look at what the head has decided. */
export function isAppliedTo(contents: Contents, { op, key, expected }: WriteRequest): boolean {
  const value = contents.get(key);
  switch (op) {
    case 'put':
    case 'open':
      return true;
    case 'del':
      return value !== undefined;
    case 'putIfAbsent':
      return value === undefined;
    case 'putIfEquals':
      return value !== undefined && expected !== undefined && isSameBytes(value, expected);
    default:
      return unreachable(op);
  }
}

export function isEqual(one: Contents, other: Contents): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) {
    const same = other.get(key);
    if (same === undefined || !isSameBytes(value, same)) return false;
  }
  return true;
}

export function isSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

export function textOf(data: Uint8Array): string {
  let text = '';
  for (const byte of data) text += byte.toString(16).padStart(2, '0');
  return text;
}

export function describeUpdate(update: Update): string {
  const { epoch, seq, op, key, client, request, data, expected, isApplied } = update;
  const old = expected === undefined ? '' : ` where ${textOf(expected)}`;
  const value = op === 'del' || op === 'open' ? '' : `=${textOf(data)}${old}`;
  const outcome = isApplied ? '' : ' not applied';
  return `${epoch}:${seq} ${op} ${key}${value}${outcome}${client === '' ? '' : ` (${client}/${request})`}`;
}

function isSame(one: Update, other: Update): boolean {
  return (
    one === other ||
    (one.op === other.op &&
      one.key === other.key &&
      one.client === other.client &&
      one.request === other.request &&
      one.firstIncomplete === other.firstIncomplete &&
      one.isApplied === other.isApplied &&
      isSameBytes(one.expected ?? noBytes, other.expected ?? noBytes) &&
      isSameBytes(one.data, other.data))
  );
}
