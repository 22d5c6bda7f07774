import { FrameDecoder } from '@tablelab/part2';
import type { ChainMessage } from '../../core/messages.ts';
import { decodeChainMessage } from './chain-codec.ts';

/** Room for HELLO and for what a successor says: WELCOME, REJECT, PROGRESS, ACK, in bytes. */
const shortFrameBytesMax = 4_096;

/**
 * Cuts the stream of bytes of one link into messages, and drops keepalives. Only a peer that this server takes updates from may
 * send more than a few bytes at a time: anybody can open a link.
 */
export class LinkDecoder {
  #frames = new FrameDecoder({ frameBytesMax: shortFrameBytesMax });

  append(bytes: Uint8Array): void {
    this.#frames.append(bytes);
  }

  /** From now on frames of up to `frameBytesMax` bytes are taken. */
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
