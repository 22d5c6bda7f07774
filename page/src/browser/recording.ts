import type { StepKinds } from '@tablelab/part4/sim/step-rules';

import type { EditResult } from './edit-result.ts';

/** A run as data, so that any moment of it can be shown at once: the page goes back by looking at an earlier frame. */

export interface ServerPicture {
  /** Its machine and the number of its start: `s0#1`. */
  readonly name: string;
  readonly host: string;
  readonly role: 'head' | 'middle' | 'tail' | 'alone' | 'joining';
  /** Its number in the chain. */
  readonly id: number | undefined;
  /** The version of the view on which it acts. */
  readonly view: number | undefined;
  readonly received: number;
  readonly executed: number;
  readonly stable: number;
  readonly entries: number;
  /** It is paused, as by SIGSTOP. */
  readonly isFrozen: boolean;
  /** What its core has done last. */
  readonly lastStep: StepKinds | undefined;
}

export interface ZooKeeperPicture {
  readonly isUp: boolean;
  /** How many of its servers are cut off from their leader. */
  readonly stalled: number;
  readonly viewVersion: number;
  /** The numbers of the servers in the view, from head to tail. */
  readonly view: readonly number[];
  readonly joining: readonly number[];
  /** The numbers in the membership record. */
  readonly members: readonly number[];
}

/** A session with ZooKeeper. */
export interface SessionPicture {
  /** The beginning of its id, which tells it from the others. */
  readonly id: string;
  /** The machine of the server or client whose session it is. */
  readonly host: string;
  /** How long it lasts if ZooKeeper hears nothing more of it, in milliseconds. */
  readonly leftMs: number;
}

/** What is so after an event, until the next frame. */
export interface Frame {
  /** The number of events of the simulator so far. */
  readonly step: number;
  readonly nowMs: number;
  /** What has happened, as lines of the trace. */
  readonly lines: readonly string[];
  /** In the order of the chain; then those outside of it. */
  readonly servers: readonly ServerPicture[];
  /** How long each of these may still act as head or tail, in milliseconds. */
  readonly leases: readonly number[];
  readonly zooKeeper: ZooKeeperPicture;
  /** Those that ZooKeeper holds: servers' first. */
  readonly sessions: readonly SessionPicture[];
  /** Pairs of machines between which nothing passes, `from>to`. */
  readonly cuts: readonly string[];
}

/** Something on its way from one machine to another. */
export interface Flight {
  /** By which an edit names it: the number of everything that was sent before it in the run. */
  readonly number: number;
  readonly from: string;
  readonly to: string;
  readonly kind: 'bytes' | 'object' | 'closed';
  /** The kinds of the messages that were written at once: `put`, `reply`, `update`. */
  readonly names: readonly string[];
  /** All of each message, on a line of its own. */
  readonly text: string;
  /** The fields of each message, as JSON. */
  readonly contents: readonly string[];
  /** The place of the first frame in which it is under way: much happens in one moment, and not all before it left. */
  readonly firstFrame: number;
  readonly sentMs: number;
  readonly arrivedMs: number;
  /** It does not arrive: `arrivedMs` is when it was lost. */
  readonly isLost: boolean;
}

/** What a client asked, from its call to its answer. */
export interface OperationPicture {
  readonly client: string;
  /** The request, and the answer. */
  readonly text: string;
  readonly outcome: 'ok' | 'may-have-happened' | 'did-not-happen';
  readonly callMs: number;
  /** Undefined if it had no effect, or if nobody knows whether it has one. */
  readonly returnMs: number | undefined;
  /** Its number among the client's calls, from 1; of a run that was recorded here. */
  readonly number?: number;
  /** When the client ceased to wait for it, with or without an answer; of a run that was recorded here. */
  readonly endMs?: number | undefined;
}

export interface Recording {
  readonly seed: number;
  readonly hash: string;
  readonly steps: number;
  /** The rule that was broken. */
  readonly failure: string | undefined;
  /** The event that broke it, or at which it was found broken. */
  readonly failureStep: number | undefined;
  readonly frames: readonly Frame[];
  /** In the order of their departures. */
  readonly flights: readonly Flight[];
  readonly clients: readonly string[];
  /** All machines: ZooKeeper's, the servers', the clients'. */
  readonly hosts: readonly string[];
  /** In the order of their calls. */
  readonly operations: readonly OperationPicture[];
  /**
   * Of a history that is not linearizable: the places in `operations` of its shortest part for which no order exists, in the order of their
   * calls.
   */
  readonly noOrder: readonly number[] | undefined;
  /** What has come of each edit of the run. */
  readonly results: readonly EditResult[];
  /** The most servers that run at one time. */
  readonly serversMax: number;
  /** The most sessions that ZooKeeper holds at one time. */
  readonly sessionsMax: number;
  /** The places in `frames` at which a fault began. */
  readonly faults: readonly number[];
}

/** What is under way in the frame at `place`, and the part of its way that it has made, from 0 to 1. */
export function flightsAt({ flights, frames }: Recording, place: number): { flight: Flight; part: number }[] {
  const nowMs = frames[place]?.nowMs ?? 0;
  const found: { flight: Flight; part: number }[] = [];
  for (const flight of flights) {
    if (flight.firstFrame > place) break;
    if (flight.arrivedMs <= nowMs) continue;
    const part = (nowMs - flight.sentMs) / (flight.arrivedMs - flight.sentMs);
    found.push({ flight, part: flight.isLost ? part / 2 : part });
  }
  return found;
}
