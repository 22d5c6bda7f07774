import { Counter, Gauge, type Metric, Registry } from 'prom-client';
import { boundsMs, type Histogram } from '../shared-memory/shared-histogram.ts';
import type { ExecutionFigures } from '../store/table-execution.ts';
import type { MultiplexingServer } from './multiplexing-server.ts';
import type { RefusalCounts } from './refusal-counts.ts';
import type { RequestCounts } from './request-counts.ts';

/**
 * The sources of the figures. They are read only when metrics are requested, so they cost normal requests almost
 * nothing.
 */
export interface MetricSources {
  readonly network: Pick<MultiplexingServer, 'clientsServed' | 'clientsSilent' | 'bufferedBytes'>;
  readonly requests: RequestCounts;
  readonly refusals: RefusalCounts;
  /** The table's limit, in bytes. */
  readonly memoryBytesMax: number;
  readonly figures: () => ExecutionFigures;
}

const msPerSecond = 1_000;

const startedAt = performance.timeOrigin / msPerSecond;

/** A figure of a server: its name, what it says, and how it is read. */
export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

/** A figure that rises and falls. */
export function addGauge(registry: Registry, { name, help, read }: Figure): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

/** A figure that only rises while the server runs. */
export function addCounter(registry: Registry, { name, help, read }: Figure): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

/**
 * The metrics of a server of part 3 or 4, with Prometheus's units and names: seconds, bytes, `_total`. Each part adds
 * those of its own.
 */
export function createMetrics({
  network,
  requests,
  refusals,
  memoryBytesMax,
  figures,
}: MetricSources): Registry {
  const registry = new Registry();
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) => addGauge(registry, { name, help, read });
  new Gauge({
    name: 'tablelab_connections',
    help: 'Open connections, by what they are doing',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'served' }, network.clientsServed);
      this.set({ state: 'silent' }, network.clientsSilent);
    },
  });
  gauge(
    'tablelab_buffered_bytes',
    'Unfinished requests and unread replies of all connections',
    () => network.bufferedBytes,
  );
  new Counter({
    name: 'tablelab_requests_total',
    help: 'Requests, by opcode',
    labelNames: ['opcode'],
    registers,
    collect() {
      this.reset();
      for (const [opcode, count] of requests) this.inc({ opcode }, count);
    },
  });
  new Counter({
    name: 'tablelab_refusals_total',
    help: 'Replies that were errors, by code',
    labelNames: ['code'],
    registers,
    collect() {
      this.reset();
      for (const [code, count] of refusals) this.inc({ code }, count);
    },
  });
  gauge(
    'tablelab_queue_tasks',
    'Writes that have a number and are not executed',
    () => figures().queueLength,
  );
  gauge('tablelab_table_keys', 'Keys in the table', () => figures().tableSize);
  gauge('tablelab_table_bytes', 'Memory that the table uses', () => figures().tableBytes);
  gauge('tablelab_table_bytes_max', 'Memory that the table may use (--memory-max)', () => memoryBytesMax);
  // The names that Prometheus has for these figures of any process.
  gauge('process_resident_memory_bytes', 'Memory of the process', () => process.memoryUsage.rss());
  gauge('process_start_time_seconds', 'When the process was started, in seconds since 1970', () => startedAt);
  new Counter({
    name: 'tablelab_lock_waits_total',
    help: 'How often the main thread found a lock held and had to wait',
    labelNames: ['lock'],
    registers,
    collect() {
      this.reset();
      const { tableLockWaits, queueLockWaits } = figures();
      this.inc({ lock: 'table' }, tableLockWaits);
      this.inc({ lock: 'queue' }, queueLockWaits);
    },
  });
  registerHistogram(
    registry,
    'tablelab_write_wait_seconds',
    'From when a write got its number until its execution began',
    () => figures().waitTime,
  );
  registerHistogram(
    registry,
    'tablelab_write_execution_seconds',
    'Execution of a write: the mean of those that shared a lock',
    () => figures().executionTime,
  );
  return registry;
}

/**
 * prom-client's Histogram counts observations in its own thread. The executor counts these in shared memory. This
 * object has all that a registry needs of a metric.
 */
function registerHistogram(registry: Registry, name: string, help: string, read: () => Histogram): void {
  const metric = {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    get() {
      const { atMost, count, sumMs } = read();
      const buckets = boundsMs.map((boundMs, index) => ({
        metricName: `${name}_bucket`,
        labels: { le: boundMs / msPerSecond },
        value: atMost[index],
      }));
      const values = [
        ...buckets,
        { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: count },
        { metricName: `${name}_sum`, labels: {}, value: sumMs / msPerSecond },
        { metricName: `${name}_count`, labels: {}, value: count },
      ];
      return { name, help, type: 'histogram', aggregator: 'sum', values };
    },
  };
  registry.registerMetric(metric as unknown as Metric);
}
