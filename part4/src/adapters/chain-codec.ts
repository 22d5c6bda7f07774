import { errorText, TableError, unreachable } from '@tablelab/shared';
import type { ChainMessage } from '../core/messages.ts';
import type { Update } from '../core/update.ts';
import { chain_message_t, update_t } from '../generated/chain.js';

/** The first frame of a link between servers (part4/proto/chain.proto); no message_t begins with these bytes. */
export const linkPreface: Uint8Array = new TextEncoder().encode('tablelab-chain/1');

export function isLinkPreface(payload: Uint8Array): boolean {
  return payload.length === linkPreface.length && payload.every((byte, index) => byte === linkPreface[index]);
}

/** The bytes of a message between servers, without the frame around it. */
export function encodeChainMessage(message: ChainMessage): Uint8Array {
  return chain_message_t.encode(toWire(message)).finish();
}

function toWire(message: ChainMessage): chain_message_t.$Properties {
  switch (message.type) {
    case 'hello':
      return { hello: { id: message.id, view_version: message.viewVersion } };
    case 'welcome':
      return {
        welcome: {
          received: message.received,
          ...(message.lastEpoch === undefined ? {} : { last_epoch: message.lastEpoch }),
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
    default:
      return unreachable(message);
  }
}

function updateToWire(update: Update): update_t.$Properties {
  const { seq, epoch, client, request, key, data } = update;
  return {
    seq,
    epoch,
    client,
    request,
    key,
    data,
    op: update.op === 'put' ? update_t.Op.PUT : update_t.Op.DEL,
  };
}

/**
 * The message in a frame's payload. Values alias the payload, which must therefore not be written again.
 * @throws TableError BAD_REQUEST when it is no message between servers, or one that says nothing.
 */
export function decodeChainMessage(payload: Uint8Array): ChainMessage {
  const wire = decodeWire(payload);
  const { hello, welcome, reject, refuse, handover, updates, ack } = wire;
  if (hello) return { type: 'hello', id: hello.id ?? 0, viewVersion: hello.view_version ?? 0 };
  if (welcome) {
    return {
      type: 'welcome',
      received: safeInteger(welcome.received),
      lastEpoch: welcome.last_epoch ?? undefined,
      stable: safeInteger(welcome.stable),
      member: welcome.member ?? false,
    };
  }
  if (reject) return { type: 'reject', viewVersion: reject.view_version ?? 0 };
  if (refuse) return { type: 'refuse', detail: refuse.detail ?? '' };
  if (handover) return { type: 'handover', seq: safeInteger(handover.seq) };
  if (updates) return { type: 'updates', updates: (updates.updates ?? []).map(updateFromWire) };
  if (ack) return { type: 'ack', stable: safeInteger(ack.stable) };
  throw new TableError('BAD_REQUEST', 'a message between servers of no kind that this server knows');
}

function decodeWire(payload: Uint8Array): chain_message_t {
  try {
    return chain_message_t.decode(payload);
  } catch (error) {
    throw new TableError('BAD_REQUEST', `no message between servers: ${errorText(error)}`, { cause: error });
  }
}

function updateFromWire(wire: update_t.$Properties): Update {
  const op = wire.op === update_t.Op.PUT ? 'put' : wire.op === update_t.Op.DEL ? 'del' : undefined;
  if (op === undefined) throw new TableError('BAD_REQUEST', `update ${wire.seq} neither puts nor deletes`);
  return {
    seq: safeInteger(wire.seq),
    epoch: wire.epoch ?? 0,
    client: wire.client ?? '',
    request: safeInteger(wire.request),
    op,
    key: wire.key ?? '',
    data: wire.data ?? new Uint8Array(0),
  };
}

/** A 64-bit field, which the generated code gives as a `Long` object, whatever its types say. */
function safeInteger(value: number | { toNumber(): number } | null | undefined): number {
  const number = typeof value === 'object' ? (value?.toNumber() ?? 0) : (value ?? 0);
  if (Number.isSafeInteger(number)) return number;
  throw new TableError('BAD_REQUEST', 'a number above 2^53 - 1 in a message between servers');
}
