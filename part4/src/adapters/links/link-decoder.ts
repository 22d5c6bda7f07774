import { FrameDecoder } from '@tablelab/part2/wire';
import type { ChainMessage } from '../../core/messages.ts';
import { decodeChainMessage } from './chain-codec.ts';

/** The longest frame of a stranger or a successor, in bytes: HELLO, WELCOME, REJECT, PROGRESS and ACK fit. */
const shortFrameBytesMax = 4_096;

/**
 * Divides the bytes of one link into messages, and drops keepalives. Only the server's predecessor may send long
 * frames, because any program can open a link.
 */
export class LinkDecoder {
  #frames = new FrameDecoder({ frameBytesMax: shortFrameBytesMax });

  append(bytes: Uint8Array): void {
    this.#frames.append(bytes);
  }

  /** Accepts frames of up to `frameBytesMax` bytes from now on. */
  allowLongFrames(frameBytesMax: number): void {
    const rest = this.#frames.rest();
    this.#frames = new FrameDecoder({ frameBytesMax });
    this.#frames.append(rest);
  }

  /**
   * The next message; undefined until more has arrived.
   * @throws TableError BAD_REQUEST or TOO_LARGE: the link must be closed
   */
  next(): ChainMessage | undefined {
    let payload = this.#frames.next();
    while (payload?.length === 0) payload = this.#frames.next();
    return payload === undefined ? undefined : decodeChainMessage(payload);
  }
}
