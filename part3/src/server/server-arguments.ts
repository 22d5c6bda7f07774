import { integerArgument, type ServerArguments, UsageError } from '@tablelab/shared/command-line';
import { destination, type Level, type Logger, levels, pino } from 'pino';

/** The options of a server program, of part 3 or 4, for those who run it: metrics and a log. */

type Values = ServerArguments['values'];

const portsMax = 65_535;
const standardError = 2;

/** `--metrics-port` and `--metrics-host`; undefined: no metrics. */
export function metricsAddress(values: Values): { host: string; port: number } | undefined {
  if (values['metrics-port'] === undefined) return undefined;
  const port = integerArgument('--metrics-port', String(values['metrics-port']), { min: 0, max: portsMax });
  return { host: String(values['metrics-host']), port };
}

/** `--log-level`: a logger to standard error, one JSON object a line. */
export function jsonLogger(values: Values): Logger {
  const level = String(values['log-level']);
  if (level !== 'silent' && !(level in levels.values)) {
    throw new UsageError(
      `--log-level is one of ${Object.keys(levels.values).join(', ')} and silent, not ${level}`,
    );
  }
  // Written synchronously: the last lines before the process ends matter most.
  return pino({ level: level as Level | 'silent' }, destination({ dest: standardError, sync: true }));
}
