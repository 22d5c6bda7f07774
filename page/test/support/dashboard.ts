import type { Test } from 'tap';
import { Dashboard } from '../../src/dashboard/dashboard.ts';
import { root } from './browser.ts';

/** The server of the live view on any free port, until the test ends. `origin`: what its requests begin with. */
export async function startDashboard(
  t: Test,
  zookeeper: string,
): Promise<{ dashboard: Dashboard; origin: string }> {
  const dashboard = await Dashboard.start({
    root,
    zookeeper,
    host: '127.0.0.1',
    port: 0,
    log: (line) => t.comment(line),
  });
  t.teardown(() => dashboard.close());
  return { dashboard, origin: new URL(dashboard.url).origin };
}
