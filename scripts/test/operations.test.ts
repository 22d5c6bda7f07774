import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnProgram, startZooKeeper } from '@tablelab/shared/testing';
import t from 'tap';
import { parse } from 'yaml';

/** The folder `operations`: a dashboard and alerts for the metrics that servers really have. */

t.setTimeout(55_000);

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'operations');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');
const deadlineMs = 30_000;

interface Dashboard {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
}
interface Rules {
  groups: { rules: { alert: string; expr: string; annotations: { action: string } }[] }[];
}

const { panels } = JSON.parse(read('grafana-dashboard.json')) as Dashboard;
const rules = (parse(read('alerts.yaml')) as Rules).groups.flatMap((group) => group.rules);

/** The metrics that Prometheus itself makes. */
const ofPrometheus = ['up'];

function metricsIn(expressions: readonly string[]): string[] {
  const names = expressions.flatMap(
    (text) => text.match(/\b(?:(?:tablelab|process|nodejs)_\w+|up)\b/g) ?? [],
  );
  return [...new Set(names)].filter((name) => !ofPrometheus.includes(name));
}

t.test('each metric of the dashboard and of the alerts is one of a real server', async (t) => {
  const zookeeper = await startZooKeeper({ tickTimeMs: 200 });
  t.teardown(() => zookeeper.stop());
  const program = join(root, 'part4/src/programs/table-server.ts');
  const args = ['0', '4', zookeeper.address, '--data', t.testdir(), '--metrics-port', '0', '--verbose'];
  const server = spawnProgram(program, args);
  t.teardown(() => server.stop());
  await server.waitForLine(/^listening on/, deadlineMs);
  const [, url = ''] = await server.waitForLine(/metrics at (\S+)$/, deadlineMs, 'stderr');
  const text = await (await fetch(url)).text();
  // A histogram has three figures.
  const served = new Set(
    [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => `${name}${end}`) : [name],
    ),
  );
  const shown = metricsIn(panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)));
  const watched = metricsIn(rules.map(({ expr }) => expr));
  t.ok(shown.length >= 25 && watched.length >= 10, `${shown.length} and ${watched.length} metrics`);
  t.same(
    [...shown, ...watched].filter((name) => !served.has(name)),
    [],
  );
  const bases = [...served].map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  const parts = new Set([...shown, ...watched].map((name) => name.replace(/_(bucket|sum|count)$/, '')));
  t.same(
    bases.filter((name) => !parts.has(name)),
    [],
    'and no figure of a server is left out',
  );
});

t.test('each panel has a place of its own, and each alert says what to do', async (t) => {
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8');
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );
  for (const { alert, annotations } of rules) {
    const [file, anchor = ''] = annotations.action.split('#');
    t.equal(file, 'docs/operations.md', alert);
    t.ok(headings.includes(anchor), `${alert}: ${annotations.action}`);
    t.ok(page.includes(`\`${alert}\``), `${alert} is explained`);
  }
});

const promtool = (...args: string[]) => spawnSync('promtool', args, { cwd: root, encoding: 'utf8' });
const skip = promtool('--version').status === 0 ? false : 'promtool is not installed (package prometheus)';

t.test('promtool accepts the configuration and the alerts, and their tests pass', { skip }, async (t) => {
  for (const args of [
    ['check', 'config', '--syntax-only', 'operations/prometheus.yaml'],
    ['check', 'rules', 'operations/alerts.yaml'],
    ['test', 'rules', 'operations/alerts.test.yaml'],
  ]) {
    const { status, stdout, stderr } = promtool(...args);
    t.equal(status, 0, `promtool ${args.join(' ')}\n${stdout}${stderr}`);
    t.match(`${stdout}${stderr}`, /SUCCESS/);
  }
});

t.test('each alert has a test of its rule', async (t) => {
  const tested = new Set([...read('alerts.test.yaml').matchAll(/alertname: (\w+)/g)].map(([, name]) => name));
  t.same(
    rules.map(({ alert }) => alert).filter((alert) => !tested.has(alert)),
    [],
  );
});
