import type { ChainState } from './chain-state.ts';
import type { ChainEffect } from './effects.ts';
import type { ChainLimits } from './limits.ts';
import type { ChainId, MemberId } from './membership-record.ts';

export interface ChainCoreOptions {
  /** Where this server is found, `host:port`. */
  readonly address: string;
  readonly member: MemberId;
  /** A random name of 16 hexadecimal digits, for a chain that this server founds. */
  readonly newChain: ChainId;
  /**
   * What to do when no server shows up that has all of the chain's data: wait, or begin after a while with what there is,
   * which may be nothing.
   */
  readonly onTotalLoss: 'wait' | 'start-empty';
  /** How long that while is at least, in milliseconds; see reconcile.ts. */
  readonly totalLossGraceMs: number;
  /** What this server's table is sure to hold, whatever comes and goes, in logical bytes. */
  readonly capacityBytes: number;
  readonly limits?: ChainLimits;
}

/** What the parts of the core are given to handle one event with. */
export interface Step {
  readonly config: ChainCoreOptions & { readonly limits: ChainLimits };
  readonly state: ChainState;
  /** Milliseconds of a monotonic clock. */
  readonly now: number;
  readonly emit: (effect: ChainEffect) => void;
}
