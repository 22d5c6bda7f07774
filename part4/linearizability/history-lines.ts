import { TableError } from '@tablelab/shared';
import type { Operation } from './operation.ts';

/** Writes a history as text, one JSON object per line. */
export function historyToLines(history: readonly Operation[]): string {
  return history.map((operation) => `${JSON.stringify(operation)}\n`).join('');
}

/** @throws TableError BAD_REQUEST with the number of the first line that is not an operation */
export function historyFromLines(text: string): Operation[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    let cause: unknown;
    try {
      const operation: unknown = JSON.parse(line);
      if (isOperation(operation)) return operation;
    } catch (error) {
      cause = error;
    }
    throw new TableError('BAD_REQUEST', `line ${index + 1} of the history is not an operation`, { cause });
  });
}

export function isOperation(given: unknown): given is Operation {
  if (typeof given !== 'object' || given === null) return false;
  const operation = given as Record<string, unknown>;
  const { client, call, outcome } = operation;
  if (!isValue(client) || !Number.isFinite(call)) return false;
  if (outcome !== 'ok') {
    const isOpen = outcome === 'may-have-happened' || outcome === 'did-not-happen';
    return isOpen && operation.return === undefined && isRequest(operation);
  }
  return Number(operation.return) >= Number(call) && isRequest(operation) && isAnswer(operation);
}

function isRequest({ kind, key, value, expected }: Record<string, unknown>): boolean {
  if (kind === 'size' || kind === 'keys') return true;
  if (typeof key !== 'string') return false;
  if (kind === 'get' || kind === 'has' || kind === 'del') return true;
  if (kind === 'put-if-equals') return isValue(value) && isValue(expected);
  return (kind === 'put' || kind === 'put-if-absent') && isValue(value);
}

function isAnswer({ kind, result }: Record<string, unknown>): boolean {
  if (kind === 'size') return typeof result === 'number';
  if (kind === 'has' || kind === 'put-if-absent' || kind === 'put-if-equals')
    return typeof result === 'boolean';
  if (kind === 'keys') return Array.isArray(result) && result.every((key) => typeof key === 'string');
  return (
    result === undefined || (kind === 'get' ? isValue(result) : kind === 'put' || typeof result === 'boolean')
  );
}

function isValue(given: unknown): boolean {
  return typeof given === 'string' || typeof given === 'number';
}
