import { Writable } from 'node:stream';

/** A stream that keeps the text written to it. A test can make it look like a terminal. */
export class TextSink extends Writable {
  text = '';
  isTTY = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
