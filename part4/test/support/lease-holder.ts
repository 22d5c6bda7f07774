/**
 * A program for tests: registers in the chain, keeps a lease, and says on standard output what it sees. A session that
 * ends is replaced by a new one. Arguments: ZooKeeper's address, its own address.
 *
 *     registered <id>
 *     lease held
 *     woke after <ms> ms: lease <true|false>    the first look at the lease after a gap in its loop
 */
import { ChainDirectory } from '../../src/adapters/zookeeper/chain-directory.ts';
import { LeaseKeeper } from '../../src/adapters/zookeeper/lease-keeper.ts';
import { ZooKeeperSession } from '../../src/adapters/zookeeper/zookeeper-session.ts';
import { sessionTimeoutMs } from './zookeeper-sessions.ts';

const [servers = '', address = ''] = process.argv.slice(2);
const pollIntervalMs = 10;

/** A gap this long is a pause, not a busy machine. */
const pauseMs = sessionTimeoutMs / 2;

for (;;) {
  const session = await ZooKeeperSession.open({ servers, sessionTimeoutMs, connectDeadlineMs: 15_000 });
  const directory = new ChainDirectory(session);
  console.log(`registered ${await directory.register(address)}`);
  const lease = new LeaseKeeper({ session, path: directory.ownPath ?? '' });
  let lastLook = performance.now();
  let told = false;
  const poll = setInterval(() => {
    const valid = lease.isValid();
    const gapMs = performance.now() - lastLook;
    lastLook += gapMs;
    if (gapMs > pauseMs) console.log(`woke after ${Math.round(gapMs)} ms: lease ${valid}`);
    if (valid && !told) {
      console.log('lease held');
      told = true;
    }
  }, pollIntervalMs);
  await session.ended;
  clearInterval(poll);
}
