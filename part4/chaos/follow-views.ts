import { nodeClock } from '../src/adapters/node/node-clock.ts';
import { zooKeeperService } from '../src/adapters/zookeeper/zookeeper-session.ts';
import { ViewSource } from '../src/client/view-source.ts';
import type { View } from '../src/core/view.ts';

/** Of the session with ZooKeeper, in milliseconds. */
const limits = { sessionTimeoutMs: 4_000, giveUpMs: 4_000, connectDeadlineMs: 30_000, callTimeoutMs: 10_000 };

/** The views as a client reads them, until it is closed. It goes on when ZooKeeper is back after a fault, also without its data. */
export function followViews(
  zookeepers: readonly { readonly host: string; readonly port: number }[],
  onView: (view: View) => void,
): Promise<ViewSource> {
  const servers = zookeepers.map(({ host, port }) => `${host}:${port}`).join(',');
  const log = () => undefined;
  return ViewSource.open({
    coordination: zooKeeperService({ ...limits, servers, log }),
    clock: nodeClock,
    onView,
    log,
  });
}
