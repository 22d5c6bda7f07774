import type { DirectoryChange, JoiningData, JoiningServer } from '../../src/core/directory.ts';
import type { MembershipRecord } from '../../src/core/membership-record.ts';
import type { ServerEntry, SessionId, View } from '../../src/core/view.ts';

/** ZooKeeper's data about the chain at one moment. Immutable: a transaction creates a new one. */
export interface ZooKeeperState {
  readonly joining: readonly JoiningServer[];
  /** The number of children that `/chain-joining` has ever had, which is the number of the next one. */
  readonly joiningCreated: number;
  /** Rises with every change of the children of `/chain-joining`. */
  readonly joiningVersion: number;
  readonly view: View;
  readonly viewCreated: number;
  /** The data of `/chain`. */
  readonly record: MembershipRecord | undefined;
  readonly recordVersion: number;
}

/** A transaction of a session. */
export type ZooKeeperWrite =
  | { readonly type: 'change'; readonly change: DirectoryChange }
  /** Changes nothing; refused if the session's znode in `/chain` does not exist. */
  | { readonly type: 'heartbeat'; readonly id: number }
  /** Changes nothing. */
  | { readonly type: 'barrier' };

/** The state after the transaction, or undefined if it is refused. */
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
    case 'join':
      return withJoining(state, session, change.data);
    case 'enter': {
      if (!state.joining.some(({ id }) => id === change.joining)) return undefined;
      const entry = { id: state.viewCreated, address: change.address, session };
      const left = withoutJoining(state, ({ id }) => id === change.joining);
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
        : withoutJoining(state, ({ id }) => id === change.id);
      return next === state ? undefined : next;
    }
  }
}

/** The state after the end of a session: its znodes are gone. */
export function withoutSession(state: ZooKeeperState, session: SessionId): ZooKeeperState {
  const isOf = (znode: { session: SessionId }) => znode.session === session;
  return withoutServer(withoutJoining(state, isOf), isOf);
}

function withJoining(state: ZooKeeperState, session: SessionId, data: JoiningData): ZooKeeperState {
  const server = { ...data, id: state.joiningCreated, session };
  return {
    ...state,
    joining: [...state.joining, server],
    joiningCreated: state.joiningCreated + 1,
    joiningVersion: state.joiningVersion + 1,
  };
}

function withoutJoining(state: ZooKeeperState, isGone: (server: JoiningServer) => boolean): ZooKeeperState {
  const gone = state.joining.filter(isGone).length;
  if (gone === 0) return state;
  return {
    ...state,
    joining: state.joining.filter((server) => !isGone(server)),
    joiningVersion: state.joiningVersion + gone,
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
