import { errorText, TableError, unreachable } from '@tablelab/shared';
import type { Block } from '@tablelab/shared/disk';
import type { NumberRange } from './lost-numbers.ts';

/** The version of the format: a server refuses a directory of another one. */
const formatVersion = 1;

/** What a server's disk says, in the order in which it happened. The numbers of the kinds never change. */
export type DataBlock =
  /** The first block of every file. */
  | {
      readonly type: 'header';
      readonly version: number;
      /** The first write of the log has this number, and the writes that a snapshot lacks begin with it. */
      readonly first: number;
      /** See `reserve`. */
      readonly reserved: number;
      /** The numbers that no executed write has. */
      readonly lost: readonly NumberRange[];
    }
  /** Encoded writes with consecutive numbers, see write-records.ts. */
  | { readonly type: 'writes'; readonly records: Uint8Array }
  /** Writes may have been given the numbers below `reserved`. */
  | { readonly type: 'reserve'; readonly reserved: number }
  /** The server has ended in order: no write has been given the number `next`. */
  | { readonly type: 'closed'; readonly next: number }
  /** Of a snapshot: entries of the table, in part 1's serialization format. */
  | { readonly type: 'chunk'; readonly entries: Uint8Array }
  /** Of a snapshot: the outcomes of consecutive writes, a byte for each. */
  | { readonly type: 'outcomes'; readonly outcomes: Uint8Array }
  /** The last block of a snapshot. */
  | { readonly type: 'end'; readonly end: SnapshotEnd };

export interface SnapshotEnd {
  /** How many chunks it has. */
  readonly chunks: number;
  /** The entries are of different moments, all of them before write `executed`. */
  readonly executed: number;
  /** Where the block with the outcomes lies, and the number of the first write that it tells of; the last is `executed` - 1. */
  readonly outcomesAt: number;
  readonly outcomesFrom: number;
}

/** Part 4's servers have other numbers, so neither takes the directory of the other. */
const kinds = { header: 65, writes: 66, reserve: 67, closed: 68, chunk: 69, outcomes: 70, end: 71 } as const;

/** The length of the payload of an `end`, by which it is found at the end of a file. */
export const endBytes = 32;

export function encodeDataBlock(block: DataBlock): { kind: number; payload: Uint8Array } {
  const kind = kinds[block.type];
  switch (block.type) {
    case 'header': {
      const { version, first, reserved, lost } = block;
      return { kind, payload: encodeJson({ version, first, reserved, lost }) };
    }
    case 'writes':
      return { kind, payload: block.records };
    case 'reserve':
      return { kind, payload: encodeJson({ reserved: block.reserved }) };
    case 'closed':
      return { kind, payload: encodeJson({ next: block.next }) };
    case 'chunk':
      return { kind, payload: block.entries };
    case 'outcomes':
      return { kind, payload: block.outcomes };
    case 'end': {
      const { chunks, executed, outcomesAt, outcomesFrom } = block.end;
      const numbers = Float64Array.of(chunks, executed, outcomesAt, outcomesFrom);
      return { kind, payload: new Uint8Array(numbers.buffer) };
    }
    default:
      return unreachable(block);
  }
}

/** A header of the version that this program writes. */
export function header(of: Pick<Header, 'first' | 'reserved' | 'lost'>): DataBlock {
  return { type: 'header', version: formatVersion, ...of };
}

type Header = Extract<DataBlock, { type: 'header' }>;

/**
 * Decodes a block of the file `name`.
 * @throws TableError BAD_REQUEST for a block that this version of the program does not write
 */
export function decodeDataBlock(name: string, block: Pick<Block, 'kind' | 'payload'>): DataBlock {
  try {
    return decode(block);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    throw new TableError(error.code, `${name}: ${errorText(error)}`, { cause: error });
  }
}

function decode({ kind, payload }: Pick<Block, 'kind' | 'payload'>): DataBlock {
  switch (kind) {
    case kinds.header: {
      const decoded = decodeJson(payload) as Omit<Header, 'type'>;
      if (decoded.version === formatVersion) return { type: 'header', ...decoded };
      const text = `its format is version ${decoded.version}, and this program knows version ${formatVersion}: start the program that wrote it`;
      throw new TableError('BAD_REQUEST', text);
    }
    case kinds.writes:
      return { type: 'writes', records: payload };
    case kinds.reserve:
      return { type: 'reserve', ...(decodeJson(payload) as { reserved: number }) };
    case kinds.closed:
      return { type: 'closed', ...(decodeJson(payload) as { next: number }) };
    case kinds.chunk:
      return { type: 'chunk', entries: payload };
    case kinds.outcomes:
      return { type: 'outcomes', outcomes: payload };
    case kinds.end: {
      // A copy, because numbers must lie at a multiple of 8 bytes.
      const [chunks = 0, executed = 0, outcomesAt = 0, outcomesFrom = 0] = new Float64Array(
        new Uint8Array(payload).buffer,
      );
      return { type: 'end', end: { chunks, executed, outcomesAt, outcomesFrom } };
    }
    default:
      throw new TableError(
        'BAD_REQUEST',
        `a block of the unknown kind ${kind}: another program, or a later version of this one, wrote it. Choose another directory`,
      );
  }
}

function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function decodeJson(payload: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(payload));
}
