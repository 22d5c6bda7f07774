export { type Address, formatAddress, parseAddress } from './address.ts';
export type { ClientFlags } from './client-arguments.ts';
export { runTableClient, type TableClientProgram } from './client-program.ts';
export { decodeMessage, encodeMessage } from './codec.ts';
export type { Answer, Command, CommandArguments } from './command.ts';
export { errorFromReply, errorReply } from './error-reply.ts';
export { defaultFrameBytesMax, encodeFrame, FrameDecoder } from './framing.ts';
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
} from './message.ts';
export { type CallOptions, NetworkClient, type NetworkClientOptions } from './network-client.ts';
export { NetworkServer, type NetworkServerOptions, type Upgrade } from './network-server.ts';
export { Pending } from './pending.ts';
export { notPlain, PlainFieldReader, varintBytes, writeText, writeVarint } from './plain-fields.ts';
export {
  type Call,
  defaultTimeouts,
  RemoteReader,
  RemoteTable,
  type RemoteTableOptions,
} from './remote-table.ts';
export { expectContent, Skeleton } from './skeleton.ts';
export { expectReply, isKeyAbsent, requests, results } from './table-calls.ts';
export { readCommands, tableCommands } from './table-commands.ts';
export { keyText, valueJson, valueText } from './value-text.ts';
