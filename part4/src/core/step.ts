import type { ChainState } from './chain-state.ts';
import type { ChainEffect } from './effects.ts';
import type { ChainLimits } from './limits.ts';
import type { ChainId, MemberId } from './membership-record.ts';

export interface ChainCoreOptions {
  /** This server's address for clients and other servers, `host:port`. */
  readonly address: string;
  readonly member: MemberId;
  /** A random name of 16 hexadecimal digits, for a chain that this server may found. */
  readonly newChain: ChainId;
  /**
   * What to do when no server with all of the chain's data is present: wait, or begin after a while with the data that
   * is present, which may be none.
   */
  readonly onTotalLoss: 'wait' | 'start-empty';
  /** The minimum of that while, in milliseconds; see reconcile.ts. */
  readonly totalLossGraceMs: number;
  /** What this server's table can certainly hold, in logical bytes. */
  readonly capacityBytes: number;
  /** Whether its host can answer `read-log`. */
  readonly hasLog?: boolean;
  readonly limits?: ChainLimits;
}

/** The context in which the parts of the core handle one event. */
export interface Step {
  readonly config: ChainCoreOptions & { readonly limits: ChainLimits };
  readonly state: ChainState;
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  readonly emit: (effect: ChainEffect) => void;
}
