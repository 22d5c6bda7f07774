export { findZooKeeper, type Places, systemPlaces, type ZooKeeperInstallation } from './find-zookeeper.ts';
export { fourLetterWord } from './four-letter-word.ts';
export { provideZooKeeper } from './provide-zookeeper.ts';
export { startZooKeeper, type ZooKeeperOptions, ZooKeeperServer } from './start-zookeeper.ts';
export { configureZooKeeper, dataFolder, installedZooKeeper, launchZooKeeper } from './zookeeper-process.ts';
