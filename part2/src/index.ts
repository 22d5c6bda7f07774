export { type CallOptions, NetworkClient, type NetworkClientOptions } from './client/network-client.ts';
export {
  defaultTimeouts,
  RemoteStub,
  type RemoteTableOptions,
  type StubConnection,
} from './client/remote-stub.ts';
export { RemoteTable } from './client/remote-table.ts';
export { RequestPipeline } from './client/request-pipeline.ts';
export { appliedResult, expectReply, results, scanResult } from './client/results.ts';
export { allKeys, type KeyScanner, keysToComplete, scanKeys } from './client/scan.ts';
export type { RequestHandler } from './server/client-connection.ts';
export {
  aheadBytesMax,
  type ConnectionLimits,
  defaultConnectionLimits,
} from './server/connection-limits.ts';
export { KeyListing, type ListedKeys } from './server/key-listing.ts';
export { lingeringClose } from './server/lingering-close.ts';
export { Listener } from './server/listener.ts';
export { NetworkServer, type NetworkServerOptions } from './server/network-server.ts';
export { Skeleton } from './server/skeleton.ts';
export { writeParts } from './server/write-parts.ts';
export type { ClientFlags } from './terminal/client-arguments.ts';
export { runTableClient, type TableClientProgram } from './terminal/client-program.ts';
export type { Answer, Command, CommandArguments, CommandOutput } from './terminal/command.ts';
export { conditionalPuts } from './terminal/conditional-puts.ts';
export { type ClientProgramParts, runClientProcess } from './terminal/run-client-process.ts';
export {
  methodCommand,
  operationCommand,
  readCommands,
  tableCommands,
} from './terminal/table-commands.ts';
export { keyText, valueJson, valueText } from './terminal/value-text.ts';
export * from './wire/index.ts';
