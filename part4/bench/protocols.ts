/** What the load generator says to a chain, and to a Redis with replicas, so that both promise the same of a put. */
import { Ack, ContentType, decodeMessage, encodeMessage, FrameDecoder, Opcode } from '@tablelab/part2';
import { keyOf, type Protocol, redis, tablelab } from '../../part3/bench/load.ts';

/** From here on, numbers take 5 bytes as varints for as long as any run lasts. */
const firstNumber = 2 ** 28;
const numberBytes = 5;

/** The name in a prepared request, which no key or value of the load holds; that of the connection takes its place. */
const placeholder = '0123456789abcdef'.repeat(2);
/** The bytes in front of the numbers: field number and wire type. */
const tags = { request: 0x50, firstIncomplete: 0x58 };

/**
 * Puts as the stub of part 4 sends them: answered once the whole chain has executed them, with the client's name, the
 * request's number and the lowest number without an answer, so that no server takes one for a repetition. Each
 * connection begins with a session of its own.
 */
export const committed: Protocol = {
  ...tablelab,
  opening: {
    request: Buffer.from(
      encodeMessage({ opcode: Opcode.OP_OPEN, c_type: ContentType.CT_NONE, ack: Ack.COMMITTED }),
    ),
    name(reply) {
      const [payload] = new FrameDecoder().push(reply);
      if (payload === undefined) throw new Error('no whole reply');
      return decodeMessage(payload).client;
    },
  },
  request(_operation, key, data) {
    const frame = encodeMessage({
      opcode: Opcode.OP_PUT,
      c_type: ContentType.CT_ENTRY,
      key,
      data,
      client: placeholder,
      request: firstNumber,
      first_incomplete: firstNumber,
      ack: Ack.COMMITTED,
    });
    return Buffer.from(frame);
  },
  sign(requests, count, { name, sent, replies }) {
    const frameBytes = requests.length / count;
    const inFrame = requests.indexOf(placeholder);
    const signed = Buffer.from(requests);
    for (let index = 0; index < count; index += 1) {
      let at = index * frameBytes + inFrame;
      at += signed.write(name, at, 'latin1');
      at = writeNumber(signed, at, tags.request, firstNumber + sent + index);
      writeNumber(signed, at, tags.firstIncomplete, firstNumber + replies);
    }
    return signed;
  },
};

function writeNumber(bytes: Buffer, at: number, tag: number, number: number): number {
  if (bytes[at] !== tag) throw new Error(`field ${tag >> 3} is not where it should be`);
  for (let index = 1; index <= numberBytes; index += 1) {
    bytes[at + index] = (Math.floor(number / 128 ** (index - 1)) % 128) | (index < numberBytes ? 128 : 0);
  }
  return at + 1 + numberBytes;
}

/**
 * `puts` SETs and one WAIT, which answers once all replicas have executed what this connection has set. One request to
 * the load generator, with one reply. Gets are plain.
 */
export function redisWait({
  replicas,
  puts,
  keyCount,
}: {
  replicas: number;
  puts: number;
  keyCount: number;
}): Protocol {
  const wait = `*3\r\n$4\r\nWAIT\r\n$1\r\n${replicas}\r\n$1\r\n0\r\n`;
  return {
    name: puts === 1 ? `SET, WAIT ${replicas}` : `${puts} SET, WAIT ${replicas}`,
    request(operation, key, value) {
      if (operation === 'get') return redis.request(operation, key, value);
      const sets = Array.from({ length: puts }, () =>
        redis.request('put', keyOf(Math.floor(Math.random() * keyCount)), value),
      );
      return Buffer.concat([...sets, Buffer.from(wait)]);
    },
    replyEnd(bytes, start) {
      let at = start;
      for (let reply = 0; reply < puts; reply += 1) {
        at = redis.replyEnd(bytes, at);
        if (at < 0) return -1;
      }
      const end = redis.replyEnd(bytes, at);
      if (end >= 0 && bytes.toString('latin1', at, end) !== `:${replicas}\r\n`)
        throw new Error(`WAIT ${replicas} answered ${bytes.toString('latin1', at, end).trim()}`);
      return end;
    },
  };
}
