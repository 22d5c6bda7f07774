export { ChainServer, type ChainServerOptions } from './adapters/chain-server.ts';
export { ChainTable, type ChainTableOptions } from './client/chain-table.ts';
export { formatName, parseName } from './write-name.ts';
