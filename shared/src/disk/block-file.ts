import type { TableError } from '../errors.ts';
import { BlockWriter, type WriterClock } from './block-writer.ts';
import type { AppendFile } from './disk.ts';

/** Writes a new file one block after the other, so that no more than one is in memory. */
export class BlockFile {
  readonly #writer: BlockWriter;
  #kept = () => {};
  #failed: (error: TableError) => void = () => undefined;
  #failure: TableError | undefined;

  constructor(file: AppendFile, clock: WriterClock) {
    this.#writer = new BlockWriter({
      file,
      offset: 0,
      policy: 'never',
      clock,
      onKept: () => this.#kept(),
      onFailed: (error) => {
        this.#failure = error;
        this.#failed(error);
      },
    });
  }

  /** The length of the file, in bytes: where the next block will lie. */
  get bytes(): number {
    return this.#writer.bytes;
  }

  /** Resolves once the block is written. */
  async add({ kind, payload }: { readonly kind: number; readonly payload: Uint8Array }): Promise<void> {
    this.#writer.add(kind, payload);
    await new Promise<void>((resolve, reject) => {
      this.#kept = resolve;
      this.#failed = reject;
      this.#writer.write();
    });
  }

  /** Syncs the file. */
  async close(): Promise<void> {
    await this.#writer.close();
    if (this.#failure !== undefined) throw this.#failure;
  }
}
