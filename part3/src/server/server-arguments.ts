import { integerArgument, type ServerArguments, UsageError } from '@tablelab/shared/command-line';
import { type SyncPolicy, syncPolicies } from '@tablelab/shared/disk';
import { destination, type Level, type Logger, levels, pino } from 'pino';
import { defaultMemoryBytesMax } from '../store/memory-allowance.ts';

/** The options of a server program, of part 3 or 4, for those who run it: metrics and a log. */

type Values = ServerArguments['values'];

const portsMax = 65_535;
const standardError = 2;

/** Options that the server programs of parts 3 and 4 have in common, for {@link memoryBytesMax} and {@link metricsAddress}. */
export const operatorOptions = {
  'memory-max': { type: 'string' },
  'metrics-port': { type: 'string' },
  'metrics-host': { type: 'string', default: '127.0.0.1' },
} as const;

/** Options for {@link dataArguments}. */
export const dataOptions = {
  data: { type: 'string' },
  fsync: { type: 'string' },
  'disk-reserve': { type: 'string' },
} as const;

/** Where a server keeps its data on a disk. */
export interface DataArguments {
  readonly directory: string;
  readonly fsync: SyncPolicy;
  /** How much of the disk is left free, in bytes. */
  readonly reserveBytes?: number;
}

const bytesPerMiB = 1024 * 1024;

/** `--memory-max`, in bytes. */
export function memoryBytesMax(values: Values): number {
  const given = values['memory-max'];
  if (given === undefined) return defaultMemoryBytesMax();
  return bytesPerMiB * integerArgument('--memory-max', String(given), { min: 1, max: 4_096 });
}

/** `--data`, `--fsync` and `--disk-reserve`; undefined: the data are in memory only. */
export function dataArguments({ data, fsync, 'disk-reserve': reserve }: Values): DataArguments | undefined {
  if (typeof data !== 'string') {
    if (fsync !== undefined) throw new UsageError('--fsync needs --data DIR');
    if (reserve !== undefined) throw new UsageError('--disk-reserve needs --data DIR');
    return undefined;
  }
  if (data === '') throw new UsageError('--data needs a directory');
  const policy = syncPolicies.find((known) => known === (fsync ?? 'always'));
  if (policy === undefined) {
    throw new UsageError(`--fsync is ${syncPolicies.join(', ')}, not ${JSON.stringify(fsync)}`);
  }
  if (reserve === undefined) return { directory: data, fsync: policy };
  const reserveMib = integerArgument('--disk-reserve', String(reserve), { min: 1, max: 1 << 20 });
  return { directory: data, fsync: policy, reserveBytes: reserveMib * bytesPerMiB };
}

/** `--metrics-port` and `--metrics-host`; undefined: no metrics. */
export function metricsAddress(values: Values): { host: string; port: number } | undefined {
  if (values['metrics-port'] === undefined) return undefined;
  const port = integerArgument('--metrics-port', String(values['metrics-port']), { min: 0, max: portsMax });
  return { host: String(values['metrics-host']), port };
}

/** `--log-level`: a logger to standard error, one JSON object a line. Without the option, it is silent. */
export function jsonLogger(values: Values): Logger {
  const level = String(values['log-level'] ?? 'silent');
  if (level !== 'silent' && !(level in levels.values)) {
    throw new UsageError(
      `--log-level is one of ${Object.keys(levels.values).join(', ')} and silent, not ${level}`,
    );
  }
  // Written synchronously: the last lines before the process ends matter most.
  return pino({ level: level as Level | 'silent' }, destination({ dest: standardError, sync: true }));
}
