import type { World } from './world.ts';

/** A session as the leader of the ensemble knows it. */
export interface Session {
  readonly id: string;
  /** The machine whose session it is. */
  readonly host: string;
  isOver: boolean;
  /** The time of its last sign of activity. */
  heardAt: number;
  /** It ends when nothing was heard for so long, in milliseconds. */
  patienceMs: number;
  /** The connection of the last write: writes under way over older connections are refused. */
  owner: number;
}

/** A server of the ensemble, as far as it reports activity to the leader. */
export interface Follower {
  /** It is cut off from the leader until this time. */
  stalledUntil: number;
  /** The sessions that were active while it was cut off; it reports them to the leader afterwards. */
  readonly touched: Set<Session>;
}

export interface SessionTrackerOptions {
  readonly world: World;
  readonly timeoutMs: number;
  /** No session expires while the ensemble is down. */
  readonly isUp: () => boolean;
  readonly expired: (session: Session) => void;
}

/** The time from the end of a stall until the leader has the answer to its ping, in milliseconds. */
const pingMs = 0.2;

/** The leader's knowledge of which sessions are active; it ends those that are not. */
export class SessionTracker {
  readonly #options: SessionTrackerOptions;
  readonly #watched = new WeakSet<Session>();

  constructor(options: SessionTrackerOptions) {
    this.#options = options;
  }

  heard(session: Session): void {
    session.heardAt = this.#options.world.now;
    if (this.#watched.has(session)) return;
    this.#watched.add(session);
    this.#watchOver(session);
  }

  /**
   * A server of the ensemble has got a message of a session. If it is cut off from the leader, the leader learns of it
   * shortly after the cut: delayed requests arrive earlier. The leader's ping waited on the same connection before the
   * answers to them, so messages that a client sends after such an answer arrive later.
   */
  touch(follower: Follower, session: Session): void {
    if (this.#options.world.now >= follower.stalledUntil) return this.heard(session);
    if (follower.touched.size === 0) this.#passOnTouched(follower);
    follower.touched.add(session);
  }

  #passOnTouched(follower: Follower): void {
    const { world } = this.#options;
    world.schedule(follower.stalledUntil - world.now + pingMs, () => {
      if (world.now < follower.stalledUntil) return this.#passOnTouched(follower);
      for (const session of follower.touched) if (!session.isOver) this.heard(session);
      follower.touched.clear();
    });
  }

  /**
   * Ends the session after its time-out without activity. It may end slightly earlier: a server of the ensemble reports
   * activity to the leader only with its next ping.
   */
  #watchOver(session: Session): void {
    const { world, timeoutMs, isUp, expired } = this.#options;
    const patienceMs = timeoutMs * world.between(0.88, 1.1);
    session.patienceMs = patienceMs;
    const look = () => {
      const leftMs = session.heardAt + patienceMs - world.now;
      if (session.isOver) return;
      if (leftMs > 0 || !isUp()) {
        world.schedule(Math.max(leftMs, timeoutMs / 8), look);
        return;
      }
      world.trace(() => `zk session ${session.id.slice(0, 6)} has expired`);
      expired(session);
    };
    world.schedule(patienceMs, look);
  }
}
