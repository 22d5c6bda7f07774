/** What a program needs that shows a running chain. */

export { nodeClock } from '../adapters/node/node-clock.ts';
export { parseZooKeeperAddress } from '../adapters/zookeeper/server-addresses.ts';
export { zooKeeperService } from '../adapters/zookeeper/zookeeper-session.ts';
export type { ChainSurvey } from '../admin/chain-survey.ts';
export { type ChainServers, type ListedServer, statusOf, surveyServers } from './chain-servers.ts';
export { ChainWatch } from './chain-watch.ts';
export { type OperationFigures, operationKinds, quantileMs } from './operation-times.ts';
export { ServerAsker } from './server-asker.ts';
export type { ServerStatus } from './server-status.ts';
