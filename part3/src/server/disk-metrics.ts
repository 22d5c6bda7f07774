import type { Disk } from '@tablelab/shared/disk';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { addGauge } from './metrics.ts';

const msPerSecond = 1_000;

/** Upper bounds, in seconds: a fast disk syncs within a millisecond, a busy one within a second. */
const syncBoundsSeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5];

export interface DiskFigures {
  readonly disk: Disk;
  readonly log: {
    /** How much it has written to all its files, in bytes. */
    readonly writtenBytes: number;
    /** Calls `onSynced` after each sync, with what it took in milliseconds. */
    observe(onSynced: (milliseconds: number) => void): void;
  };
  /** Whether the disk has room for writes. */
  readonly hasRoom: () => boolean;
}

/** Adds the figures of what a server of part 3 or 4 does with its disk. */
export function addDiskMetrics(registry: Registry, { disk, log, hasRoom }: DiskFigures): void {
  const syncs = new Histogram({
    name: 'tablelab_disk_sync_seconds',
    help: 'What a sync of the log took',
    buckets: syncBoundsSeconds,
    registers: [registry],
  });
  log.observe((milliseconds) => syncs.observe(milliseconds / msPerSecond));
  addGauge(registry, {
    name: 'tablelab_disk_log_bytes',
    help: 'What this server has written to its logs since it started',
    read: () => log.writtenBytes,
  });
  addGauge(registry, {
    name: 'tablelab_disk_room',
    help: '1: enough; 0: this server, in a chain as head, refuses writes with DISK_FULL',
    read: () => (hasRoom() ? 1 : 0),
  });
  new Gauge({
    name: 'tablelab_disk_file_bytes',
    help: 'The sizes of the files in the directory, by kind: log, snapshot',
    labelNames: ['kind'],
    registers: [registry],
    async collect() {
      const sizes = await fileSizes(disk);
      for (const [kind, bytes] of Object.entries(sizes)) this.set({ kind }, bytes);
    },
  });
  new Gauge({
    name: 'tablelab_disk_free_bytes',
    help: 'What the disk has left; NaN: it cannot be said',
    registers: [registry],
    async collect() {
      this.set(await disk.freeBytes().catch(() => Number.NaN));
    },
  });
}

async function fileSizes(disk: Disk): Promise<{ log: number; snapshot: number }> {
  const sizes = { log: 0, snapshot: 0 };
  for (const name of await disk.list()) {
    // One that was removed meanwhile has no size.
    const bytes = await disk.size(name).catch(() => 0);
    sizes[name.startsWith('log-') ? 'log' : 'snapshot'] += bytes;
  }
  return sizes;
}
