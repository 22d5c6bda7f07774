/** Messages, their bytes and their frames: all that both ends of a connection need, without a socket. */

export { type Address, formatAddress, parseAddress } from './address.ts';
export { errorFromReply, errorReply } from './error-reply.ts';
export { FieldReader } from './field-reader.ts';
export { FrameBatch, longContentBytes } from './frame-batch.ts';
export { defaultFrameBytesMax, encodeFrame, FrameDecoder, replyHeadroomBytes } from './framing.ts';
export {
  Ack,
  ContentType,
  ErrorNumber,
  errorName,
  errorNumber,
  isAppliedIn,
  type Message,
  type MessageFields,
  Outcome,
  outcomeNumber,
  type Reply,
} from './message.ts';
export { decodeMessage, decodeRequest, encodeKeys, encodeMessage } from './message-codec.ts';
export {
  Opcode,
  type OperationName,
  operationOf,
  operations,
  operationWithOpcode,
  putIfEqualsRequest,
  requests,
  type ScanPosition,
  scanRequest,
  type TaskName,
  unknownOpcode,
} from './operations.ts';
export { isUnframedRequest, tellingBytes, unframedReply } from './unframed-request.ts';
export { varintBytes, writeVarint } from './varint.ts';
