import { assert, errorText, TableError } from '@tablelab/shared';
import type { ServerId, SessionId } from '../../core/view.ts';
import type { CoordinationSession } from '../../ports.ts';

const namePattern = /^node(\d{10})$/;

/** A child as read from ZooKeeper. */
export interface NumberedChild {
  readonly id: ServerId;
  readonly data: Uint8Array;
  /** The session that it belongs to. */
  readonly session: SessionId;
}

export interface ChildrenList<T> {
  /** By rising number. */
  readonly items: readonly T[];
  /** The parent's cversion: it rises with each child that is created or removed. */
  readonly version: number;
}

/** The numbers of the children that have one, rising. ZooKeeper lists children in no particular order. */
function idsIn(names: readonly string[]): readonly ServerId[] {
  const digits = names.flatMap((name) => namePattern.exec(name)?.[1] ?? []);
  return digits.map(Number).sort((one, other) => one - other);
}

/** The path of the child that ZooKeeper has numbered `id`. */
export function childPath(parent: string, id: ServerId): string {
  return `${parent}/node${String(id).padStart(10, '0')}`;
}

/**
 * The children `node<10 digits>` of one znode, each understood as a `T`. Belongs to one session. Each child is read once,
 * because nobody changes the data of such a znode.
 */
export class NumberedChildren<T> {
  readonly #session: Pick<CoordinationSession, 'children' | 'getData'>;
  readonly #path: string;
  readonly #understand: (child: NumberedChild) => T;
  readonly #log: (message: string) => void;
  /** The present children. Undefined: its data is malformed, which was logged once. */
  readonly #items = new Map<ServerId, T | undefined>();

  /** `understand` throws a TableError for malformed data; the child is then left out. */
  constructor(
    { session, path, log }: { session: CoordinationSession; path: string; log: (message: string) => void },
    understand: (child: NumberedChild) => T,
  ) {
    this.#session = session;
    this.#path = path;
    this.#log = log;
    this.#understand = understand;
  }

  /**
   * Lists the children and leaves a watch that calls `changed`. `absent`: there is no such znode, and no watch.
   * `outdated`: a child was removed before it could be read.
   */
  async list(changed: (() => void) | undefined): Promise<ChildrenList<T> | 'absent' | 'outdated'> {
    const children = await this.#session.children(this.#path, changed);
    if (children === undefined) return 'absent';
    const ids = idsIn(children.names);
    const items: T[] = [];
    for (const id of ids) {
      if (!this.#items.has(id) && !(await this.#read(id))) return 'outdated';
      const item = this.#items.get(id);
      if (item !== undefined) items.push(item);
    }
    for (const id of this.#items.keys()) if (!ids.includes(id)) this.#items.delete(id);
    return { items, version: children.version };
  }

  async #read(id: ServerId): Promise<boolean> {
    const path = childPath(this.#path, id);
    const node = await this.#session.getData(path);
    if (node === undefined) return false;
    try {
      this.#items.set(id, this.#understand({ id, data: node.data, session: node.owner }));
    } catch (error) {
      assert(error instanceof TableError, errorText(error));
      this.#items.set(id, undefined);
      this.#log(`${path} is left out: ${error.message}`);
    }
    return true;
  }
}
