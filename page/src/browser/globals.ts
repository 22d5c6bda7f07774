/**
 * The globals of Node that the chain's code uses, where a browser has none. Import this first: modules use them as they
 * load.
 */
import buffer from 'buffer/index.js';
import { z } from 'zod';

const { Buffer } = buffer;
// By this method, protobufjs tells whether there is Node's Buffer, and chooses its readers and writers.
Object.assign(Buffer.prototype, {
  utf8Write(this: typeof Buffer.prototype, text: string, start?: number, length?: number): number {
    return this.write(text, start, length, 'utf8');
  },
});
Object.assign(globalThis, { Buffer, setImmediate: afterThisTurn });

// zod would compile its checks with `new Function`, which the page's Content-Security-Policy forbids.
z.config({ jitless: true });

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

/** A message arrives at once; `setTimeout` would wait four milliseconds. */
function afterThisTurn(run: () => void): void {
  waiting.push(run);
  port2.postMessage(undefined);
}
