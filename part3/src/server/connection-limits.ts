import { type ConnectionLimits as BaseLimits, defaultConnectionLimits as baseLimits } from '@tablelab/part2';

/** Limits of one connection among many. */
export interface ConnectionLimits extends BaseLimits {
  /** How many requests may be without a reply; no more are read until one is answered. */
  readonly requestsInFlightMax: number;
}

export const defaultConnectionLimits: ConnectionLimits = { ...baseLimits, requestsInFlightMax: 1_024 };
