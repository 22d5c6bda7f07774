import { encodeFrame } from '@tablelab/part2/wire';
import { errorText, TableError, unreachable } from '@tablelab/shared';
import type { RequestOutcome, SessionRecord } from '../../core/client-sessions.ts';
import type { ChainMessage } from '../../core/messages.ts';
import type { Update } from '../../core/update.ts';
import {
  chain_message_t,
  type hello_t,
  type session_t,
  type snapshot_t,
  type update_t,
} from '../../generated/chain.js';
import { BoundedReader } from './bounded-reader.ts';
import { decodeUpdates, encodeUpdatesFrame, isUpdates, opNumbers } from './updates-codec.ts';

type Snapshot = Extract<ChainMessage, { type: 'snapshot' }>;

const noBytes = new Uint8Array(0);

/**
 * The first frame of a link between servers (part4/proto/chain.proto); no message_t begins with these bytes. The number rises
 * with every change of the messages: a server that reads updates in another way must not become a member.
 */
export const linkPreface: Uint8Array = new TextEncoder().encode('tablelab-chain/2');

export function isLinkPreface(payload: Uint8Array): boolean {
  return payload.length === linkPreface.length && payload.every((byte, index) => byte === linkPreface[index]);
}

/** A message between servers as one frame. */
export function encodeChainFrame(message: ChainMessage): Uint8Array {
  return message.type === 'updates'
    ? encodeUpdatesFrame(message.updates)
    : encodeFrame(encodeChainMessage(message));
}

/** The bytes of a message between servers, without the frame around it. */
export function encodeChainMessage(message: ChainMessage): Uint8Array {
  return chain_message_t.encode(toWire(message)).finish();
}

function toWire(message: ChainMessage): chain_message_t.$Properties {
  switch (message.type) {
    case 'hello': {
      const { id, session, viewVersion, chain, joining } = message;
      return { hello: { id, session, view_version: viewVersion, chain, joining } };
    }
    case 'welcome':
      return {
        welcome: {
          received: message.received,
          ...(message.lastEpoch === undefined ? {} : { last_epoch: message.lastEpoch }),
          whole: message.whole,
          stable: message.stable,
          member: message.member,
        },
      };
    case 'reject':
      return { reject: { view_version: message.viewVersion } };
    case 'refuse':
      return { refuse: { detail: message.detail } };
    case 'handover':
      return { handover: { seq: message.seq } };
    case 'updates':
      return { updates: { updates: message.updates.map(updateToWire) } };
    case 'ack':
      return { ack: { stable: message.stable } };
    case 'snapshot':
      return { snapshot: snapshotToWire(message) };
    case 'chunk':
      return { chunk: { entries: message.entries } };
    case 'invite':
      return { invite: { seq: message.seq } };
    case 'progress':
      return { progress: { executed: message.executed, chunks: message.chunks } };
    default:
      return unreachable(message);
  }
}

function updateToWire(update: Update): update_t.$Properties {
  const { seq, epoch, client, request, firstIncomplete, op, key, data, expected, isApplied } = update;
  return {
    seq,
    epoch,
    client,
    request,
    first_incomplete: firstIncomplete,
    op: opNumbers[op],
    key,
    data,
    ...(expected === undefined ? {} : { expected }),
    not_applied: !isApplied,
  };
}

function snapshotToWire({ seq, epochs, sessions, sessionsSeq }: Snapshot): snapshot_t.$Properties {
  return {
    seq,
    epochs: [...epochs],
    sessions: sessions.map(({ client, firstIncomplete, outcomes }) => ({
      client,
      first_incomplete: firstIncomplete,
      requests: outcomes.map(({ request }) => request),
      seqs: outcomes.map(({ seq }) => seq),
      epochs: outcomes.map(({ epoch }) => epoch),
      digests: outcomes.map(({ digest }) => digest),
      ...appliedToWire(outcomes),
    })),
    sessions_seq: sessionsSeq,
  };
}

function appliedToWire(outcomes: readonly RequestOutcome[]): { applied?: Uint8Array } {
  if (outcomes.every(({ isApplied }) => isApplied)) return {};
  return { applied: Uint8Array.from(outcomes, ({ isApplied }) => Number(isApplied)) };
}

/**
 * The message in a frame's payload. Values alias the payload, which must therefore not be written again.
 * @throws TableError BAD_REQUEST when it is not a message between servers, is empty, or has more content than any
 *   server sends.
 */
export function decodeChainMessage(payload: Uint8Array): ChainMessage {
  if (isUpdates(payload)) return { type: 'updates', updates: decodeUpdates(payload) };
  const wire = decodeWire(payload);
  const { hello, welcome, reject, refuse, handover, ack, snapshot, chunk, invite, progress } = wire;
  // The most frequent ones first.
  if (ack) return { type: 'ack', stable: safeInteger(ack.stable) };
  if (chunk) return { type: 'chunk', entries: chunk.entries ?? noBytes };
  if (progress) {
    const { executed, chunks } = progress;
    return { type: 'progress', executed: safeInteger(executed), chunks: safeInteger(chunks) };
  }
  if (hello) return helloFromWire(hello);
  if (welcome) {
    return {
      type: 'welcome',
      received: safeInteger(welcome.received),
      lastEpoch: welcome.last_epoch ?? undefined,
      whole: welcome.whole ?? false,
      stable: safeInteger(welcome.stable),
      member: welcome.member ?? false,
    };
  }
  if (reject) return { type: 'reject', viewVersion: reject.view_version ?? 0 };
  if (refuse) return { type: 'refuse', detail: refuse.detail ?? '' };
  if (handover) return { type: 'handover', seq: safeInteger(handover.seq) };
  if (snapshot) return snapshotFromWire(snapshot);
  if (invite) return { type: 'invite', seq: safeInteger(invite.seq) };
  throw new TableError('BAD_REQUEST', 'a message between servers of an unknown type');
}

function decodeWire(payload: Uint8Array): chain_message_t {
  try {
    return chain_message_t.decode(new BoundedReader(payload));
  } catch (error) {
    throw new TableError('BAD_REQUEST', `not a message between servers: ${errorText(error)}`, {
      cause: error,
    });
  }
}

function helloFromWire(wire: hello_t.$Properties): ChainMessage {
  const { id, session, view_version, chain, joining } = wire;
  if (!/^[0-9a-f]{16}$/.test(chain ?? '')) {
    throw new TableError('BAD_REQUEST', 'a HELLO names its chain by 16 hexadecimal digits');
  }
  return {
    type: 'hello',
    id: id ?? 0,
    session: session ?? '',
    viewVersion: view_version ?? 0,
    chain: chain ?? '',
    joining: joining ?? false,
  };
}

function snapshotFromWire({ seq, epochs, sessions, sessions_seq }: snapshot_t.$Properties): Snapshot {
  return {
    type: 'snapshot',
    seq: safeInteger(seq),
    epochs: (epochs ?? []).map((start) => ({ epoch: start.epoch ?? 0, seq: safeInteger(start.seq) })),
    sessions: (sessions ?? []).map(sessionFromWire),
    sessionsSeq: safeInteger(sessions_seq),
  };
}

function sessionFromWire(wire: session_t.$Properties): SessionRecord {
  const { client, first_incomplete, applied, ...lists } = wire;
  const isPartial = applied !== undefined && applied !== null && applied.length > 0;
  const { requests, seqs, epochs, digests } = { requests: [], seqs: [], epochs: [], digests: [], ...lists };
  const all = [seqs, epochs, digests, ...(isPartial ? [applied] : [])];
  if (all.some((list) => list?.length !== requests?.length)) {
    throw new TableError('BAD_REQUEST', `the lists of session ${client} differ in length`);
  }
  return {
    client: client ?? '',
    firstIncomplete: safeInteger(first_incomplete),
    outcomes: (requests ?? []).map((request, place) => ({
      request: safeInteger(request),
      epoch: epochs?.[place] ?? 0,
      seq: safeInteger(seqs?.[place]),
      isApplied: !isPartial || applied[place] === 1,
      digest: digests?.[place] ?? 0,
    })),
  };
}

/** Converts a 64-bit field. The generated code returns a `Long` object, although its types say otherwise. */
function safeInteger(value: number | { toNumber(): number } | null | undefined): number {
  const number = typeof value === 'object' ? (value?.toNumber() ?? 0) : (value ?? 0);
  if (Number.isSafeInteger(number)) return number;
  throw new TableError('BAD_REQUEST', 'a number above 2^53 - 1 in a message between servers');
}
