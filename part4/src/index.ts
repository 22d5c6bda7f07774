/** The exports that the hand-out lists (README.md, Interface). */

export { ChainServer, type ChainServerOptions } from './adapters/chain-server.ts';
export { type BatchOptions, type BatchOutcome, batch } from './client/batch.ts';
export { ChainTable } from './client/chain-table.ts';
export type { CallOptions, ChainTableOptions, ConditionalWrite } from './client/chain-table-options.ts';
export { ClientCore } from './client/core/client-core.ts';
export type { ClientEffect, ClientEvent } from './client/core/client-effects.ts';
export type { ClientLimits } from './client/core/client-limits.ts';
export type { ClientState } from './client/core/client-state.ts';
export { ChainCore, type ChainCoreOptions } from './core/chain-core.ts';
export type { ChainState } from './core/chain-state.ts';
export type { ChainEffect, ChainEvent } from './core/effects.ts';
export type { View } from './core/view.ts';
export { formatName, type OperationName, type OperationNameAsked, parseName } from './write-name.ts';
