import { decodeMessage, FrameDecoder, type Message, Opcode, operationWithOpcode } from '@tablelab/part2/wire';
import { decodeChainMessage, isLinkPreface } from '../src/adapters/links/chain-codec.ts';
import { describeMessage } from './trace.ts';
import type { InFlight } from './transport.ts';
import type { FromZooKeeper, ToZooKeeper } from './zookeeper-protocol.ts';

/** A message under way: the name of its kind, and all of it on one line. */
export interface MessageContent {
  readonly type: string;
  readonly text: string;
  /** Its fields. */
  readonly data: unknown;
}

/** The messages in an item under way: those that were written at once. */
export function contentOf({ from, to, item }: Pick<InFlight, 'from' | 'to' | 'item'>): MessageContent[] {
  if (item.type === 'closed')
    return [{ type: 'closed', text: `closed: ${item.detail}`, data: { detail: item.detail } }];
  if (item.type === 'object') {
    const { type } = item.object as ToZooKeeper | FromZooKeeper;
    return [{ type, text: JSON.stringify(item.object), data: item.object }];
  }
  const frames = new FrameDecoder();
  frames.append(item.sent);
  const contents: MessageContent[] = [];
  const isLink = isServer(from) && isServer(to);
  for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
    contents.push(isLink ? linkContent(frame) : clientContent(decodeMessage(frame)));
  }
  return contents;
}

function isServer(host: string): boolean {
  return /^s\d+$/.test(host);
}

function linkContent(frame: Uint8Array): MessageContent {
  if (frame.length === 0) return { type: 'keepalive', text: 'keepalive', data: {} };
  if (isLinkPreface(frame)) return { type: 'preface', text: 'preface', data: {} };
  const message = decodeChainMessage(frame);
  return { type: message.type, text: describeMessage(message), data: message };
}

function clientContent(message: Message): MessageContent {
  const { opcode, key, client, request, detail } = message;
  if (opcode === Opcode.OP_ERROR) return { type: 'error', text: `error ${detail}`, data: message };
  const asked = operationWithOpcode(opcode);
  if (asked === undefined) {
    const answered = operationWithOpcode(opcode - 1);
    return { type: 'reply', text: `reply to ${answered?.name}`, data: message };
  }
  const identity = client === '' ? '' : ` (${client}/${request})`;
  return { type: asked.name, text: `${asked.name} ${key}${identity}`, data: message };
}
