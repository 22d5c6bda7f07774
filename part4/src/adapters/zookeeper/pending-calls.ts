import { TableError } from '@tablelab/shared';
import zookeeper, { type Exception } from 'node-zookeeper-client';

/**
 * The largest number of calls under way; more are refused. ZooKeeper coordinates the chain, but does not carry its
 * load.
 */
const pendingCallsMax = 1_000;

/** Refusals by ZooKeeper that are part of normal operation; the caller decides what they mean. */
export type ZooKeeperRefusal = 'absent' | 'exists' | 'version-differs' | 'not-empty';

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: ZooKeeperRefusal };

const refusals = new Map<number, ZooKeeperRefusal>([
  [zookeeper.Exception.NO_NODE, 'absent'],
  [zookeeper.Exception.NODE_EXISTS, 'exists'],
  [zookeeper.Exception.BAD_VERSION, 'version-differs'],
  [zookeeper.Exception.NOT_EMPTY, 'not-empty'],
]);

export function refusalOf(code: number): ZooKeeperRefusal | undefined {
  return refusals.get(code);
}

export interface CallOptions {
  /** For the error's text. */
  readonly what: string;
  /** A write that gets no answer may have happened. */
  readonly kind: 'read' | 'write';
}

/** Passes a call to the library, with the callback for its answer. */
export type StartCall<T> = (answer: (error: Exception | null | undefined, value: T) => void) => void;

/**
 * The calls of one session that have no answer yet. The library may call back late, twice over a reconnect or never:
 * here each call ends exactly once, by its answer, by its deadline or by {@link failAll}.
 */
export class PendingCalls {
  readonly #timeoutMs: number;
  readonly #failing = new Set<(code: 'UNREACHABLE' | 'TIMEOUT', why: string) => void>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @throws TableError TIMEOUT, UNREACHABLE (connection lost), BUSY, BAD_REQUEST (the library refused the arguments),
   *   INTERNAL (an answer that is no {@link ZooKeeperRefusal})
   */
  call<T>(options: CallOptions, start: StartCall<T>): Promise<Reply<T>> {
    if (this.#failing.size >= pendingCallsMax) {
      return Promise.reject(
        new TableError('BUSY', `${options.what}: ${pendingCallsMax} calls are under way`),
      );
    }
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#failing.delete(fail);
      };
      const fail = (code: 'UNREACHABLE' | 'TIMEOUT', why: string): void => {
        settle();
        reject(
          new TableError(code, `${options.what}: ${why}`, { mayHaveHappened: options.kind === 'write' }),
        );
      };
      const timer = setTimeout(
        () => fail('TIMEOUT', `no answer from ZooKeeper within ${this.#timeoutMs} ms`),
        this.#timeoutMs,
      );
      this.#failing.add(fail);
      try {
        start((error, value) => {
          settle();
          if (!error) return resolve({ ok: true, value });
          const refusal = refusalOf(error.getCode());
          if (refusal !== undefined) return resolve({ ok: false, refusal });
          reject(
            new TableError('INTERNAL', `${options.what}: ${error.message}`, {
              cause: error,
              mayHaveHappened: options.kind === 'write',
            }),
          );
        });
      } catch (error) {
        settle();
        reject(new TableError('BAD_REQUEST', `${options.what}: ${String(error)}`, { cause: error }));
      }
    });
  }

  failAll(why: string): void {
    for (const fail of [...this.#failing]) fail('UNREACHABLE', why);
  }
}
