import type { OperationPicture } from './recording.ts';

interface ClientCall {
  readonly client: string;
  /** Among the client's calls, from 1. */
  readonly number: number;
  readonly callMs: number;
  endMs: number | undefined;
}

/** The time, the client, whether the call begins or ends, its number, and what is asked or has come of it. */
const callLine = /^([\d.]+) (\S+) (call|done) (\d+) (\S+)/;

/** A trace has three decimals of a time in milliseconds. */
const roundingMs = 0.002;

/**
 * When clients ceased to wait for their calls, by the trace. A history says it of answered calls alone: what became of the others may
 * come later than that, or never.
 */
export class ClientCalls {
  readonly #calls = new Map<string, ClientCall>();

  take(line: string): void {
    const [, ms, client, what, number, asked] = callLine.exec(line) ?? [];
    if (client === undefined) return;
    const name = `${client} ${number}`;
    const call = this.#calls.get(name);
    // A verify is no operation of a history.
    if (what === 'call' && asked !== 'verify')
      this.#calls.set(name, { client, number: Number(number), callMs: Number(ms), endMs: undefined });
    else if (what === 'done' && call !== undefined) call.endMs = Number(ms);
  }

  /** The operations with their calls, each of which belongs to one. */
  addedTo(operations: readonly OperationPicture[]): OperationPicture[] {
    const left = new Set(this.#calls.values());
    return operations.map((operation) => {
      const { client, callMs } = operation;
      const call = [...left].find(
        (one) => one.client === client && Math.abs(one.callMs - callMs) <= roundingMs,
      );
      if (call === undefined) return operation;
      left.delete(call);
      return { ...operation, number: call.number, endMs: call.endMs };
    });
  }
}
