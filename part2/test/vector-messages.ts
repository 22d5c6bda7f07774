import { ContentType, type MessageFields, Opcode } from '@tablelab/part2';

const { OP_SIZE, OP_DEL, OP_GET, OP_PUT, OP_GETKEYS, OP_VERIFY, OP_ERROR } = Opcode;
const { CT_NONE, CT_KEY, CT_VALUE, CT_ENTRY, CT_KEYS, CT_RESULT } = ContentType;

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The messages in the original's bytes (vectors/sdmessage.json), by the vectors' names. */
export const vectorMessages: Record<string, MessageFields> = {
  'size request': { opcode: OP_SIZE, c_type: CT_NONE },
  'size response 7': { opcode: OP_SIZE + 1, c_type: CT_RESULT, result: 7 },
  'del request cart:42': { opcode: OP_DEL, c_type: CT_KEY, key: 'cart:42' },
  'del response op_n 128': { opcode: OP_DEL + 1, c_type: CT_RESULT, result: 128 },
  'get request cart:42': { opcode: OP_GET, c_type: CT_KEY, key: 'cart:42' },
  'get response key cart:42 data 00ff7f': {
    opcode: OP_GET + 1,
    c_type: CT_VALUE,
    key: 'cart:42',
    data: Uint8Array.of(0, 0xff, 0x7f),
  },
  'get response absent key none (empty data)': { opcode: OP_GET + 1, c_type: CT_VALUE, key: 'none' },
  'put request key café data hello': {
    opcode: OP_PUT,
    c_type: CT_ENTRY,
    key: 'café',
    data: bytesOf('hello'),
  },
  'put response op_n 0': { opcode: OP_PUT + 1, c_type: CT_RESULT, result: 0 },
  'getkeys request': { opcode: OP_GETKEYS, c_type: CT_NONE },
  'getkeys response a|b c|café': { opcode: OP_GETKEYS + 1, c_type: CT_KEYS, keys: ['a', 'b c', 'café'] },
  'verify request op_n 128': { opcode: OP_VERIFY, c_type: CT_RESULT, result: 128 },
  'verify response 1': { opcode: OP_VERIFY + 1, c_type: CT_RESULT, result: 1 },
  'error response errcode -1': { opcode: OP_ERROR, c_type: CT_RESULT, result: -1 },
  'error response no content': { opcode: OP_ERROR, c_type: CT_NONE },
};
