import type { ChainEffect, ChainEvent } from '../src/core/effects.ts';
import type { ChainMessage } from '../src/core/messages.ts';

/**
 * Which rules of part 4's hand-out a step of a server's core concerns. That follows from the kinds of its event and of its effects: the core
 * itself does not say which rule it follows.
 */

/** A step by its kinds: `message updates`, `send ack`, `reply committed`, `execute`. */
export interface StepKinds {
  readonly event: string;
  /** Each once, in the order in which they came first. */
  readonly effects: readonly string[];
}

type Rules = readonly string[];

/** Also of the server that sends it. */
const messages: Readonly<Record<ChainMessage['type'], Rules>> = {
  hello: ['chain-resend'],
  welcome: ['chain-resend'],
  reject: ['chain-resend'],
  refuse: ['member-foreign'],
  snapshot: ['join-waits', 'outcome-once'],
  chunk: ['join-waits'],
  invite: ['join-waits'],
  handover: ['join-handover'],
  updates: ['chain-order', 'chain-resend'],
  progress: ['join-waits'],
  ack: ['chain-committed'],
};

const events: Readonly<Record<Exclude<ChainEvent['type'], 'message'>, Rules>> = {
  'session-started': ['member-rejoin', 'chain-znodes'],
  'session-ended': ['member-rejoin', 'lease-serve'],
  directory: ['member-record', 'chain-roles'],
  'change-over': ['member-record'],
  heartbeat: ['lease-serve', 'lease-one'],
  write: ['chain-order', 'once-repeat', 'once-number'],
  executed: ['chain-order', 'chain-committed'],
  loaded: ['join-waits'],
  chunk: ['join-waits'],
  'log-read': ['chain-resend', 'disk-restart'],
  'link-up': ['chain-resend'],
  'link-down': ['chain-resend'],
  room: ['disk-full'],
  leave: ['member-leave'],
  wake: ['log-standstill'],
};

type ReplyType = Extract<ChainEffect, { type: 'reply' }>['reply']['type'];

const replies: Readonly<Record<ReplyType, Rules>> = {
  assigned: ['outcome-said'],
  committed: ['chain-committed', 'outcome-said'],
  unknown: ['client-refused'],
  refused: ['client-refused', 'chain-limits'],
};

const effects: Readonly<Record<Exclude<ChainEffect['type'], 'send' | 'reply'>, Rules>> = {
  execute: ['chain-order'],
  wipe: ['join-waits'],
  load: ['join-waits'],
  'read-chunk': ['join-waits'],
  'read-log': ['chain-resend', 'disk-restart'],
  dial: ['chain-resend'],
  close: ['chain-resend'],
  'read-directory': [],
  'change-directory': ['member-record'],
  heartbeats: ['lease-serve', 'lease-one'],
  wake: [],
  log: [],
  left: ['member-leave'],
  stop: ['chain-capacity-join'],
};

/** By the kind of an event or effect. */
const rules: ReadonlyMap<string, Rules> = new Map([
  ...Object.entries(events),
  ...Object.entries(effects).map(([kind, anchors]): [string, Rules] => [`> ${kind}`, anchors]),
  ...Object.entries(messages).flatMap(([type, anchors]): [string, Rules][] => [
    [`message ${type}`, anchors],
    [`> send ${type}`, anchors],
  ]),
  ...Object.entries(replies).map(([type, anchors]): [string, Rules] => [`> reply ${type}`, anchors]),
]);

/** The anchors of the rules that a step concerns: those of its event first. */
export function rulesOfStep({ event, effects }: StepKinds): string[] {
  const kinds = [event, ...effects.map((effect) => `> ${effect}`)];
  return [...new Set(kinds.flatMap((kind) => rules.get(kind) ?? []))];
}

/** The anchors of all rules that some step concerns. */
export function rulesOfSteps(): string[] {
  return [...new Set([...rules.values()].flat())].sort();
}

export function eventKind(event: ChainEvent): string {
  return event.type === 'message' ? `message ${event.message.type}` : event.type;
}

export function effectKind(effect: ChainEffect): string {
  switch (effect.type) {
    case 'send':
      return `send ${effect.message.type}`;
    case 'reply':
      return `reply ${effect.reply.type}`;
    default:
      return effect.type;
  }
}
