import { FrameDecoder } from '@tablelab/part2/wire';
import { TableError, unreachable } from '@tablelab/shared';
import type { Block } from '@tablelab/shared/disk';
import type { Snapshot } from '../../core/history.ts';
import type { Lasting } from '../../core/lasting.ts';
import type { MemberId } from '../../core/membership-record.ts';
import type { Update } from '../../core/update.ts';
import { decodeChainMessage, encodeChainMessage } from '../links/chain-codec.ts';
import { decodeUpdates, encodeUpdatesFrame } from '../links/updates-codec.ts';

/** The version of the format: a server refuses a directory of another one. */
export const formatVersion = 1;

/** What a server's disk says, in the order in which it happened. The numbers of the kinds never change. */
export type JournalBlock =
  /** The first block of every file. */
  | {
      readonly type: 'header';
      readonly version: number;
      readonly member: MemberId;
      readonly lasting: Lasting;
      /** Of a log: its first update has this number. */
      readonly seq?: number;
      /** Of a log: the logs before it have all updates from this one on. */
      readonly since?: number;
    }
  /** See {@link Lasting}. */
  | { readonly type: 'lasting'; readonly lasting: Lasting }
  /** The state begins anew: from nothing, or from another server's snapshot, whose entries follow in chunks. */
  | { readonly type: 'begin'; readonly snapshot: Snapshot }
  | { readonly type: 'chunk'; readonly entries: Uint8Array }
  | { readonly type: 'updates'; readonly updates: readonly Update[] }
  /** The last block of a snapshot's file. */
  | { readonly type: 'end'; readonly chunks: number };

const kinds = { header: 1, lasting: 2, begin: 3, chunk: 4, updates: 5, end: 6 } as const;

export function encodeBlock(block: JournalBlock): { kind: number; payload: Uint8Array } {
  const kind = kinds[block.type];
  switch (block.type) {
    case 'header': {
      const { version, member, lasting, seq, since } = block;
      return { kind, payload: encodeJson({ version, member, lasting, seq, since }) };
    }
    case 'lasting':
      return { kind, payload: encodeJson(block.lasting) };
    case 'begin':
      return { kind, payload: encodeChainMessage(block.snapshot) };
    case 'chunk':
      return { kind, payload: block.entries };
    case 'updates':
      return { kind, payload: encodeUpdatesFrame(block.updates) };
    case 'end':
      return { kind, payload: encodeJson({ chunks: block.chunks }) };
    default:
      return unreachable(block);
  }
}

/** @throws TableError BAD_REQUEST for a block that this version of the program does not write */
export function decodeBlock({ kind, payload }: Block): JournalBlock {
  switch (kind) {
    case kinds.header:
      return { type: 'header', ...(decodeJson(payload) as Omit<Header, 'type'>) };
    case kinds.lasting:
      return { type: 'lasting', lasting: decodeJson(payload) as Lasting };
    case kinds.begin: {
      const snapshot = decodeChainMessage(payload);
      if (snapshot.type !== 'snapshot') throw new TableError('BAD_REQUEST', 'a state begins with a snapshot');
      return { type: 'begin', snapshot };
    }
    case kinds.chunk:
      return { type: 'chunk', entries: payload };
    case kinds.updates:
      return { type: 'updates', updates: decodeFrames(payload) };
    case kinds.end:
      return { type: 'end', ...(decodeJson(payload) as { chunks: number }) };
    default:
      throw new TableError(
        'BAD_REQUEST',
        `a block of the unknown kind ${kind}: was it written by a later version?`,
      );
  }
}

type Header = Extract<JournalBlock, { type: 'header' }>;

function decodeFrames(payload: Uint8Array): readonly Update[] {
  const decoder = new FrameDecoder({ frameBytesMax: payload.length });
  decoder.append(payload);
  const updates: Update[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next())
    updates.push(...decodeUpdates(frame));
  return updates;
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decodeJson(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload));
}
