import { isAddress } from '../adapters/zookeeper/server-addresses.ts';
import type { Children, ZooKeeperSession } from '../adapters/zookeeper/zookeeper-session.ts';
import type { ServerEntry, View } from '../core/view.ts';

const root = '/';
const chain = 'chain';
const namePattern = /^node(\d{10})$/;

export interface FollowViewOptions {
  /** Gets the first view and each newer one, until the session ends. */
  readonly onView: (view: View) => void;
  /** There is no `/chain`, or no more. */
  readonly onAbsent: () => void;
  readonly log: (message: string) => void;
}

/**
 * Follows the children of `/chain` without making it: whoever only looks changes nothing. While it is absent, the
 * children of the root tell when it comes.
 */
export function followView(session: ZooKeeperSession, { onView, onAbsent, log }: FollowViewOptions): void {
  let following: { stop(): void } | undefined;
  session.watchChildren(root, ({ names }) => {
    if (!names.includes(chain)) {
      following?.stop();
      following = undefined;
      onAbsent();
    } else if (following === undefined) {
      const reader = new ViewReader(session, log);
      following = session.followChildren({
        path: root + chain,
        resolve: (children) => reader.viewOf(children),
        listener: onView,
      });
    }
  });
}

/** Makes views of the children's names. Their data never changes, so it is read once. */
class ViewReader {
  readonly #session: ZooKeeperSession;
  readonly #log: (message: string) => void;
  /** By name; undefined for a child that has no address. Holds present children only. */
  #known = new Map<string, ServerEntry | undefined>();

  constructor(session: ZooKeeperSession, log: (message: string) => void) {
    this.#session = session;
    this.#log = log;
  }

  /** Undefined when a child was gone before its address could be read: the list is outdated then. */
  async viewOf({ names, version }: Children): Promise<View | undefined> {
    const present = new Map<string, ServerEntry | undefined>();
    for (const name of names) {
      if (!namePattern.test(name)) continue;
      if (!this.#known.has(name)) {
        const node = await this.#session.getData(`${root}${chain}/${name}`);
        if (node === undefined) return undefined;
        this.#known.set(name, this.#entryOf(name, Buffer.from(node.data).toString(), node.owner));
      }
      present.set(name, this.#known.get(name));
    }
    this.#known = present;
    // The digits have the same number of places, so the order of the names is that of the ids.
    const servers = [...present.values()].filter((entry) => entry !== undefined);
    return { version, servers };
  }

  #entryOf(name: string, address: string, session: string): ServerEntry | undefined {
    if (isAddress(address)) return { id: Number(namePattern.exec(name)?.[1]), address, session };
    this.#log(`${root}${chain}/${name} is left out: its data is no address: "${address.slice(0, 60)}"`);
    return undefined;
  }
}
