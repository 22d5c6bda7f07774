import { Writable } from 'node:stream';

/** A stream that keeps the text that is written to it; a terminal, if a test says so. */
export class TextSink extends Writable {
  text = '';
  isTTY = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
