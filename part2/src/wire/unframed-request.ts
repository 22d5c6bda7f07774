import { TableError } from '@tablelab/shared';
import protobuf from 'protobufjs/minimal.js';
import { errorReply } from './error-reply.ts';
import { message_t } from './generated/sdmessage.js';
import { Opcode } from './operations.ts';

/** The programs of the original assignment send messages without frames, which begin with `opcode` and `c_type`: */
const opcodeTag = 0x08;
const contentTypeTag = 0x10;
const { OP_SIZE, OP_DEL, OP_GET, OP_PUT, OP_GETKEYS, OP_VERIFY } = Opcode;
const originalOpcodes: readonly number[] = [OP_SIZE, OP_DEL, OP_GET, OP_PUT, OP_GETKEYS, OP_VERIFY];

/** The number of bytes that are needed to recognize them. */
export const tellingBytes = 3;

/**
 * Whether a connection that begins with these bytes comes from a program that sends no frames. As a frame, they would
 * announce 8 bytes, of which the first is not a valid tag, so no valid frame begins like that.
 */
export function isUnframedRequest([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  return first === opcodeTag && originalOpcodes.includes(second) && third === contentTypeTag;
}

/** The answer to such a program, also without a frame, which it could not read. */
export const unframedReply: Uint8Array = message_t
  .encode(
    errorReply(
      new TableError(
        'BAD_REQUEST',
        'this request has no frame: each message goes behind its length, a varint (part2/README.md#wire-frame)',
      ),
    ) as message_t.$Properties,
    protobuf.Writer.create(),
  )
  .finish();
