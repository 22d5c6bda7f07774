import type { Message, Reply } from '@tablelab/part2';
import { operationFields, operationNumberOf } from '@tablelab/part3';
import { checkText, isCount, TableError, wrongArgument } from '@tablelab/shared';
import type { WriteName } from './core/update.ts';

/** A write's name as a message carries it, and as a person reads and types it: `epoch:seq`. */

/** A name of the original format has no epoch: it asks about the place in the history alone. */
export type WriteNameAsked = Omit<WriteName, 'epoch'> & { readonly epoch: WriteName['epoch'] | undefined };

/**
 * The fields of a message that carry `name`. The wire's epoch is one higher than the head's number, because proto3 does
 * not tell a 0 from a field that is not there.
 */
export function nameFields(name: WriteNameAsked): Pick<Reply, 'c_type' | 'result' | 'sequence' | 'epoch'> {
  return { ...operationFields(name.seq), epoch: name.epoch === undefined ? 0 : name.epoch + 1 };
}

/** @throws TableError BAD_REQUEST when the number is negative */
export function nameOf(message: Pick<Message, 'result' | 'sequence' | 'epoch'>): WriteNameAsked {
  return { seq: operationNumberOf(message), epoch: message.epoch === 0 ? undefined : message.epoch - 1 };
}

/** @throws TableError BAD_REQUEST for what names no write */
export function checkWriteName(name: unknown): asserts name is WriteNameAsked {
  const { seq, epoch } = Object(name) as { seq: unknown; epoch: unknown };
  if (isCount(seq) && (epoch === undefined || isCount(epoch))) return;
  throw wrongArgument('a write is named by { epoch, seq }', name);
}

export function formatName(name: WriteName): string {
  return `${name.epoch}:${name.seq}`;
}

/**
 * Reads `epoch:seq`, or `seq` alone.
 * @throws TableError BAD_REQUEST for anything else
 */
export function parseName(text: string): WriteNameAsked {
  checkText('the name of a write', text);
  const parts = /^(?:(?<epoch>\d{1,10}):)?(?<seq>\d{1,15})$/.exec(text)?.groups;
  if (parts === undefined) {
    throw new TableError(
      'BAD_REQUEST',
      `a write is named epoch:number or number, not ${JSON.stringify(text)}`,
    );
  }
  return { seq: Number(parts.seq), epoch: parts.epoch === undefined ? undefined : Number(parts.epoch) };
}
