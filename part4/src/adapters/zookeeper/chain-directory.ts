import { assert, must, TableError } from '@tablelab/shared';
import type { ServerEntry, ServerId, View } from '../../core/view.ts';
import { isAddress } from './server-addresses.ts';
import type { Children, ZooKeeperSession } from './zookeeper-session.ts';

const namePattern = /^node(\d{10})$/;

export interface ChainDirectoryOptions {
  /** Default: `/chain` */
  readonly path?: string;
  readonly log?: (message: string) => void;
}

/**
 * The chain as ZooKeeper knows it (assignment part 4): a persistent znode whose ephemeral sequential children
 * `node<10 digits>` are the servers, each with its `ip:port` as data. Belongs to one session.
 *
 * Invariant: views are told in rising version, and each holds every child that was there at that version and whose
 * data is an address.
 */
export class ChainDirectory {
  readonly #session: ZooKeeperSession;
  readonly #path: string;
  readonly #log: (message: string) => void;
  /** Addresses by id: a znode's data never changes. `undefined`: no address, logged once. Holds present children only. */
  readonly #addresses = new Map<ServerId, string | undefined>();
  #ownPath: string | undefined;

  constructor(session: ZooKeeperSession, options: ChainDirectoryOptions = {}) {
    this.#session = session;
    this.#path = options.path ?? '/chain';
    this.#log = options.log ?? (() => undefined);
  }

  /** This server's own znode, once registered. */
  get ownPath(): string | undefined {
    return this.#ownPath;
  }

  /**
   * Follows the chain, making its znode if it is missing. Resolves with the first view; each newer one goes to `onView`,
   * until the session ends.
   *
   * @throws TableError UNREACHABLE: the session was lost or ended before the first view.
   */
  async watch(onView: (view: View) => void): Promise<View> {
    await this.#session.ensure(this.#path);
    const first = Promise.withResolvers<View>();
    let isFirst = true;
    this.#session.followChildren({
      path: this.#path,
      resolve: (children) => this.#viewOf(children),
      listener: (view) => {
        if (!isFirst) return onView(view);
        isFirst = false;
        first.resolve(view);
      },
    });
    void this.#session.ended.then((end) =>
      first.reject(new TableError('UNREACHABLE', `no view of ${this.#path}: ${end.detail}`)),
    );
    return first.promise;
  }

  /** The chain at this moment, as the server that answers knows it: after a write, no older than that write. */
  async readView(): Promise<View> {
    for (;;) {
      const children = await this.#session.children(this.#path);
      const view = await this.#viewOf(children ?? { names: [], version: 0 });
      if (view !== undefined) return view;
    }
  }

  /**
   * Adds this server at the end of the chain, making the chain's znode if it is missing.
   *
   * @param address `host:port`
   * @throws TableError BAD_REQUEST for a malformed address; UNREACHABLE when the session is lost, and then it is not
   *   registered.
   */
  async register(address: string): Promise<ServerId> {
    assert(this.#ownPath === undefined, 'a server registers once a session');
    if (!isAddress(address)) throw new TableError('BAD_REQUEST', `not an address (host:port): "${address}"`);
    await this.#session.ensure(this.#path);
    const prefix = `${this.#path}/node`;
    this.#ownPath = await this.#session.createEphemeralSequential(prefix, Buffer.from(address));
    return must(idOf(this.#ownPath.slice(this.#path.length + 1)), 'ZooKeeper appends ten digits');
  }

  /** Removes the own znode at once, so that nobody has to wait for the session to time out. */
  async leave(): Promise<void> {
    if (this.#ownPath === undefined) return;
    await this.#session.remove(this.#ownPath);
    this.#ownPath = undefined;
  }

  /** Undefined when a child was gone before its address could be read: the list is outdated then. */
  async #viewOf(children: Children): Promise<View | undefined> {
    const servers: ServerEntry[] = [];
    const present = new Set<ServerId>();
    for (const name of children.names) {
      const id = idOf(name);
      if (id === undefined) continue;
      present.add(id);
      if (!this.#addresses.has(id)) {
        const node = await this.#session.getData(`${this.#path}/${name}`);
        if (node === undefined) return undefined;
        this.#addresses.set(id, this.#addressIn(name, node.data));
      }
      const address = this.#addresses.get(id);
      if (address !== undefined) servers.push({ id, address });
    }
    for (const id of this.#addresses.keys()) if (!present.has(id)) this.#addresses.delete(id);
    return { version: children.version, servers };
  }

  #addressIn(name: string, data: Uint8Array): string | undefined {
    const address = Buffer.from(data).toString();
    if (isAddress(address)) return address;
    this.#log(
      `${this.#path}/${name} is kept out of the chain: its data is no address: "${address.slice(0, 60)}"`,
    );
    return undefined;
  }
}

/** Undefined for a child that is no server. */
function idOf(name: string): ServerId | undefined {
  const digits = namePattern.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
