import { WireType } from './field-reader.ts';

const { VARINT, LENGTH } = WireType;

/** Field number and wire type of each field (shared/proto/sdmessage.proto). Those up to 15 take one byte on the wire, the others two. */
export const tags = {
  opcode: (1 << 3) | VARINT,
  c_type: (2 << 3) | VARINT,
  key: (3 << 3) | LENGTH,
  data: (5 << 3) | LENGTH,
  result: (6 << 3) | VARINT,
  keys: (7 << 3) | LENGTH,
  epoch: (8 << 3) | VARINT,
  client: (9 << 3) | LENGTH,
  request: (10 << 3) | VARINT,
  first_incomplete: (11 << 3) | VARINT,
  ack: (12 << 3) | VARINT,
  error: (13 << 3) | VARINT,
  detail: (14 << 3) | LENGTH,
  found: (15 << 3) | VARINT,
  sequence: (16 << 3) | VARINT,
  from: (17 << 3) | VARINT,
  limit: (18 << 3) | VARINT,
  next: (19 << 3) | VARINT,
  server: (20 << 3) | LENGTH,
  expected: (21 << 3) | LENGTH,
  outcome: (22 << 3) | VARINT,
} as const;
