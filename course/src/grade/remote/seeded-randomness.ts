/**
 * Random numbers that are the same in each run. A wrong solution may fail a test for one seed of its hash and pass it for another; its points
 * must not depend on that. `Math.random` is seeded by Node's option `--random-seed`.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/** Above it, `randomInt` refuses a range, too. */
const integerBytes = 6;
const uuidBytes = 16;

type Callback<T> = (error: null, value: T) => void;

/** Replaces the sources of random numbers in this process, for modules that are imported later. */
export function seedRandomness(seed: number): void {
  const key = crypto.createHash('sha256').update(String(seed)).digest();
  const stream = crypto.createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const randomBytes = (size: number) => stream.update(Buffer.alloc(size));

  function fill<T extends NodeJS.ArrayBufferView | ArrayBufferLike>(target: T, offset = 0, size?: number): T {
    const bytes = ArrayBuffer.isView(target)
      ? new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
      : new Uint8Array(target);
    // Node counts both in elements of the array.
    const width =
      ArrayBuffer.isView(target) && 'BYTES_PER_ELEMENT' in target ? Number(target.BYTES_PER_ELEMENT) : 1;
    const start = offset * width;
    const end = size === undefined ? bytes.length : start + size * width;
    bytes.set(randomBytes(end - start), start);
    return target;
  }

  function randomInt(min: number, max: number): number {
    // Numbers of 48 bits: the first ones of a range are more frequent by less than one in 2^48 / range.
    return min + (randomBytes(integerBytes).readUIntBE(0, integerBytes) % (max - min));
  }

  function randomUUID(): string {
    const bytes = randomBytes(uuidBytes);
    // Version 4, and the variant of RFC 9562.
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  const later = <T>(value: T, callback: Callback<T> | undefined) =>
    callback === undefined ? value : process.nextTick(callback, null, value);
  /** The callback stands behind the arguments, of which some may be left out. */
  const split = <T>(args: unknown[]) => {
    const callback = typeof args.at(-1) === 'function' ? (args.pop() as Callback<T>) : undefined;
    return { numbers: args as number[], callback };
  };
  const bytesOrLater = (size: number, callback?: Callback<Buffer>) => later(randomBytes(size), callback);
  const replaced = {
    randomBytes: bytesOrLater,
    pseudoRandomBytes: bytesOrLater,
    randomFillSync: fill,
    randomFill(target: NodeJS.ArrayBufferView, ...rest: unknown[]) {
      const { numbers, callback } = split<NodeJS.ArrayBufferView>(rest);
      later(fill(target, numbers[0], numbers[1]), callback);
    },
    randomInt(first: number, ...rest: unknown[]) {
      const { numbers, callback } = split<number>(rest);
      const [second] = numbers;
      return later(second === undefined ? randomInt(0, first) : randomInt(first, second), callback);
    },
    randomUUID,
  };
  Object.assign(crypto, replaced);
  syncBuiltinESMExports();
  // That of the module calls this one.
  const getRandomValues = <T extends NodeJS.ArrayBufferView>(target: T) => fill(target);
  Object.assign(Object.getPrototypeOf(globalThis.crypto), { getRandomValues, randomUUID });
}
