/**
 * The servers in the chain (assignment part 4; van Renesse & Schneider 2004, section 2): the children of `/chain`,
 * lowest number first. The first is the head and accepts writes, the last is the tail and answers reads.
 */

/** The number that ZooKeeper gave to a server's znode. Numbers rise, and a server that returns gets a new one. */
export type ServerId = number;

/**
 * Identifies a session with ZooKeeper: 16 hexadecimal digits. A server that has lost its session continues under
 * another.
 */
export type SessionId = string;

export interface ServerEntry {
  readonly id: ServerId;
  /** The address for clients and other servers, `host:port`: the data of its znode. */
  readonly address: string;
  /** The session that owns the znode. */
  readonly session: SessionId;
}

export interface View {
  /** The version of the children of `/chain` (ZooKeeper's cversion): a higher one is newer. */
  readonly version: number;
  /** Sorted by id, head first, tail last; no id twice. */
  readonly servers: readonly ServerEntry[];
}

export function headOf(view: View): ServerEntry | undefined {
  return view.servers[0];
}

export function tailOf(view: View): ServerEntry | undefined {
  return view.servers.at(-1);
}

/** The server right before `id`: the one with the highest id below it. */
export function predecessorOf(view: View, id: ServerId): ServerEntry | undefined {
  return view.servers.findLast((server) => server.id < id);
}

/** The server right after `id`: the one with the lowest id above it, "its next server" in the assignment. */
export function successorOf(view: View, id: ServerId): ServerEntry | undefined {
  return view.servers.find((server) => server.id > id);
}

/** The server whose znode belongs to `session`. */
export function serverOf(view: View, session: SessionId): ServerEntry | undefined {
  return view.servers.find((server) => server.session === session);
}
