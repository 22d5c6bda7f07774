/** The load generator's protocols for a chain and for a Redis with replicas, with the same guarantee for a put. */
import { Ack, ContentType, decodeMessage, encodeMessage, FrameDecoder, Opcode } from '@tablelab/part2';
import { keyOf, type Protocol, redis, tablelab } from '../../part3/bench/load.ts';

/** From this number on, numbers take 5 bytes as varints during every run. */
const firstNumber = 2 ** 28;
const numberBytes = 5;

/** The client name in a prepared request, which is replaced by the connection's; no key or value contains it. */
const placeholder = '0123456789abcdef'.repeat(2);
/** The bytes before the numbers: field number and wire type. */
const tags = { request: 0x50, firstIncomplete: 0x58 };

/**
 * Puts like those of part 4's stub: COMMITTED, with the client's name, the request's number and the lowest number
 * without an answer, so that no server takes one for a repeat. Each connection first opens a client session.
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
 * `puts` SETs and one WAIT, which is answered once all replicas have executed this connection's SETs. For the load
 * generator this is one request with one reply. Gets are plain.
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
