import type { Message, Reply } from '@tablelab/part2/wire';
import { operationFields, operationNumberOf } from '@tablelab/part3/operation-number';
import { checkText, isCount, TableError, wrongArgument } from '@tablelab/shared';
import type { Epoch } from './core/update.ts';

/**
 * A write's name as clients know it, as a message carries it, and as text, `epoch:number`. The number is the operation
 * number (core/epoch-table.ts), which no other write of the chain has: the epoch can be left out.
 */
export interface OperationName {
  readonly epoch: Epoch;
  readonly number: number;
}

/** A name of the original format has no epoch. */
export type OperationNameAsked = Omit<OperationName, 'epoch'> & { readonly epoch: Epoch | undefined };

/**
 * The fields of a message that carry `name`. The epoch on the wire is one higher, because proto3 does not distinguish 0
 * from an absent field.
 */
export function nameFields(
  name: OperationNameAsked,
): Pick<Reply, 'c_type' | 'result' | 'sequence' | 'epoch'> {
  return { ...operationFields(name.number), epoch: name.epoch === undefined ? 0 : name.epoch + 1 };
}

/** @throws TableError BAD_REQUEST when the number is negative */
export function nameOf(message: Pick<Message, 'result' | 'sequence' | 'epoch'>): OperationNameAsked {
  return { number: operationNumberOf(message), epoch: message.epoch === 0 ? undefined : message.epoch - 1 };
}

/** @throws TableError BAD_REQUEST if `name` is not the name of a write */
export function checkWriteName(name: unknown): asserts name is OperationNameAsked {
  const { number, epoch } = Object(name) as { number: unknown; epoch: unknown };
  if (isCount(number) && (epoch === undefined || isCount(epoch))) return;
  throw wrongArgument('a write is named by { epoch, number }', name);
}

export function formatName(name: OperationName): string {
  return `${name.epoch}:${name.number}`;
}

/**
 * Reads `epoch:number`, or `number` alone.
 * @throws TableError BAD_REQUEST for anything else
 */
export function parseName(text: string): OperationNameAsked {
  checkText('the name of a write', text);
  const parts = /^(?:(?<epoch>\d{1,10}):)?(?<number>\d{1,15})$/.exec(text)?.groups;
  if (parts === undefined) {
    throw new TableError(
      'BAD_REQUEST',
      `a write is named epoch:number or number, not ${JSON.stringify(text)}`,
    );
  }
  return { number: Number(parts.number), epoch: parts.epoch === undefined ? undefined : Number(parts.epoch) };
}
