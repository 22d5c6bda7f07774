import { FrameDecoder } from '@tablelab/part2';
import type { ChainMessage } from '../../core/messages.ts';
import { decodeChainMessage } from './chain-codec.ts';

/** Room for the first message of a link: HELLO, WELCOME, REJECT or a reason in words, in bytes. */
const firstFrameBytesMax = 4_096;

/**
 * Cuts the stream of bytes of one link into messages, and drops keepalives. A peer that has not introduced itself by a
 * first message gets little memory.
 */
export class LinkDecoder {
  readonly #frameBytesMax: number;
  #frames = new FrameDecoder({ frameBytesMax: firstFrameBytesMax });
  #hasMessage = false;

  /** `frameBytesMax`: the longest frame after the first message, in bytes. */
  constructor({ frameBytesMax }: { readonly frameBytesMax: number }) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Whether there has been a message: the peer has introduced itself. */
  get hasMessage(): boolean {
    return this.#hasMessage;
  }

  append(bytes: Uint8Array): void {
    this.#frames.append(bytes);
  }

  /**
   * The next message; undefined until more has arrived.
   * @throws TableError BAD_REQUEST or TOO_LARGE: the link is of no use any more
   */
  next(): ChainMessage | undefined {
    let payload = this.#frames.next();
    while (payload?.length === 0) payload = this.#frames.next();
    if (payload === undefined) return undefined;
    const message = decodeChainMessage(payload);
    if (!this.#hasMessage) {
      this.#hasMessage = true;
      const rest = this.#frames.rest();
      this.#frames = new FrameDecoder({ frameBytesMax: this.#frameBytesMax });
      this.#frames.append(rest);
    }
    return message;
  }
}
