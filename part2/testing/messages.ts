import { ContentType, type Message, type MessageFields, Opcode, type Reply } from '@tablelab/part2';

export const sizeRequest: MessageFields = { opcode: Opcode.OP_SIZE, c_type: ContentType.CT_NONE };

export const getRequest = (key: string): MessageFields => ({
  opcode: Opcode.OP_GET,
  c_type: ContentType.CT_KEY,
  key,
});

export const putRequest = (key: string, data: Uint8Array): MessageFields => ({
  opcode: Opcode.OP_PUT,
  c_type: ContentType.CT_ENTRY,
  key,
  data,
});

/** A reply that tells which request it belongs to. */
export const echo = (request: Message): Reply => ({
  opcode: request.opcode + 1,
  c_type: ContentType.CT_NONE,
  key: request.key,
});
