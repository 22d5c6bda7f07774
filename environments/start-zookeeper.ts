/**
 * Starts the ZooKeeper that `npm start` would start, asks it for its version, and stops it. It imports no npm package,
 * because a check of flake.nix runs it without any.
 *
 *   node environments/start-zookeeper.ts <folder of the workspace `shared`>
 */
import { resolve } from 'node:path';

const [folder = 'shared'] = process.argv.slice(2);
const { fourLetterWord, startZooKeeper } = (await import(
  resolve(folder, 'src/zookeeper/index.ts')
)) as typeof import('@tablelab/shared/zookeeper');

const zooKeeper = await startZooKeeper();
try {
  console.log(await fourLetterWord('srvr', zooKeeper, 10_000));
} finally {
  await zooKeeper.stop();
}
