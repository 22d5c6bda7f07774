import type { DirectoryChange, WaitingData, WaitingServer } from '../src/core/directory.ts';
import type { MembershipRecord } from '../src/core/membership-record.ts';
import type { ServerEntry, SessionId, View } from '../src/core/view.ts';

/** What ZooKeeper knows of the chain at one moment. Never changed: a transaction makes a new one. */
export interface ZooKeeperState {
  readonly waiting: readonly WaitingServer[];
  /** How many children `/chain-joining` has ever had: the number of the next one. */
  readonly waitingCreated: number;
  /** Rises with every change of the children of `/chain-joining`. */
  readonly waitingVersion: number;
  readonly view: View;
  readonly viewCreated: number;
  /** The data of `/chain`. */
  readonly record: MembershipRecord | undefined;
  readonly recordVersion: number;
}

/** A transaction that a session asks for. */
export type ZooKeeperWrite =
  | { readonly type: 'change'; readonly change: DirectoryChange }
  /** Changes nothing, and is refused where the session's znode in `/chain` is not there. */
  | { readonly type: 'heartbeat'; readonly id: number }
  /** Changes nothing. */
  | { readonly type: 'barrier' };

/** The state after the transaction, or undefined where it is refused. */
export function transacted(
  state: ZooKeeperState,
  session: SessionId,
  write: ZooKeeperWrite,
): ZooKeeperState | undefined {
  switch (write.type) {
    case 'barrier':
      return state;
    case 'heartbeat':
      return state.view.servers.some(({ id }) => id === write.id) ? state : undefined;
    default:
      return changed(state, session, write.change);
  }
}

function changed(
  state: ZooKeeperState,
  session: SessionId,
  change: DirectoryChange,
): ZooKeeperState | undefined {
  switch (change.type) {
    case 'wait':
      return withWaiting(state, session, change.data);
    case 'enter': {
      if (!state.waiting.some(({ id }) => id === change.waiting)) return undefined;
      const entry = { id: state.viewCreated, address: change.address, session };
      const left = withoutWaiting(state, ({ id }) => id === change.waiting);
      return {
        ...left,
        view: viewOf(state.view.version + 1, [...state.view.servers, entry]),
        viewCreated: state.viewCreated + 1,
      };
    }
    case 'record':
      if (change.version !== state.recordVersion) return undefined;
      if (!state.view.servers.some(({ id }) => id === change.id)) return undefined;
      return { ...state, record: change.record, recordVersion: state.recordVersion + 1 };
    default: {
      const next = change.inChain
        ? withoutServer(state, ({ id }) => id === change.id)
        : withoutWaiting(state, ({ id }) => id === change.id);
      return next === state ? undefined : next;
    }
  }
}

/** The state after the end of a session: its znodes are gone. */
export function withoutSession(state: ZooKeeperState, session: SessionId): ZooKeeperState {
  const isOf = (znode: { session: SessionId }) => znode.session === session;
  return withoutServer(withoutWaiting(state, isOf), isOf);
}

function withWaiting(state: ZooKeeperState, session: SessionId, data: WaitingData): ZooKeeperState {
  const server = { ...data, id: state.waitingCreated, session };
  return {
    ...state,
    waiting: [...state.waiting, server],
    waitingCreated: state.waitingCreated + 1,
    waitingVersion: state.waitingVersion + 1,
  };
}

function withoutWaiting(state: ZooKeeperState, isGone: (server: WaitingServer) => boolean): ZooKeeperState {
  const gone = state.waiting.filter(isGone).length;
  if (gone === 0) return state;
  return {
    ...state,
    waiting: state.waiting.filter((server) => !isGone(server)),
    waitingVersion: state.waitingVersion + gone,
  };
}

function withoutServer(state: ZooKeeperState, isGone: (server: ServerEntry) => boolean): ZooKeeperState {
  const { version, servers } = state.view;
  const gone = servers.filter(isGone).length;
  if (gone === 0) return state;
  const left = servers.filter((server) => !isGone(server));
  return { ...state, view: viewOf(version + gone, left) };
}

function viewOf(version: number, servers: readonly ServerEntry[]): View {
  return { version, servers };
}
