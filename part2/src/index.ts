export { type CallOptions, NetworkClient, type NetworkClientOptions } from './client/network-client.ts';
export {
  type Call,
  defaultTimeouts,
  RemoteReader,
  RemoteTable,
  type RemoteTableOptions,
} from './client/remote-table.ts';
export { RequestPipeline } from './client/request-pipeline.ts';
export { expectReply, isKeyAbsent, requests, results } from './client/table-calls.ts';
export { NetworkServer, type NetworkServerOptions, type Upgrade } from './server/network-server.ts';
export { Pending } from './server/pending.ts';
export { expectContent, Skeleton } from './server/skeleton.ts';
export type { ClientFlags } from './terminal/client-arguments.ts';
export { runTableClient, type TableClientProgram } from './terminal/client-program.ts';
export type { Answer, Command, CommandArguments } from './terminal/command.ts';
export { readCommands, tableCommands } from './terminal/table-commands.ts';
export { keyText, valueJson, valueText } from './terminal/value-text.ts';
export { type Address, formatAddress, parseAddress } from './wire/address.ts';
export { errorFromReply, errorReply } from './wire/error-reply.ts';
export { defaultFrameBytesMax, encodeFrame, FrameDecoder } from './wire/framing.ts';
export {
  Ack,
  ContentType,
  ErrorNumber,
  errorName,
  errorNumber,
  type Message,
  type MessageFields,
  Opcode,
  type Reply,
  type RequestHandler,
} from './wire/message.ts';
export { decodeMessage, encodeMessage } from './wire/message-codec.ts';
export { varintBytes, writeVarint } from './wire/varint.ts';
