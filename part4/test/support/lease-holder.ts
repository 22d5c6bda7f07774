/**
 * A program for tests: enters the chain, keeps a lease, and prints events on standard output. It replaces a session
 * that has ended. Arguments: ZooKeeper's address, its own address.
 *
 *     registered <id>
 *     lease held
 *     woke after <ms> ms: lease <true|false>    the first look at the lease after a gap in its loop
 */
import { LeaseKeeper } from './lease-keeper.ts';
import { sessionTimeoutMs } from './zookeeper-sessions.ts';

const [servers = '', address = ''] = process.argv.slice(2);
const pollIntervalMs = 10;

/** A gap this long is a pause, not a busy machine. */
const pauseMs = sessionTimeoutMs / 2;

const keeper = await LeaseKeeper.open({ servers, address });
let lastLook = performance.now();
let told: { id?: number | undefined; lease: boolean } = { lease: false };
setInterval(() => {
  const valid = keeper.isValid();
  const gapMs = performance.now() - lastLook;
  lastLook += gapMs;
  if (gapMs > pauseMs) console.log(`woke after ${Math.round(gapMs)} ms: lease ${valid}`);
  if (keeper.id !== told.id) {
    told = { id: keeper.id, lease: false };
    if (keeper.id !== undefined) console.log(`registered ${keeper.id}`);
  }
  if (valid && !told.lease) {
    console.log('lease held');
    told.lease = true;
  }
}, pollIntervalMs);
