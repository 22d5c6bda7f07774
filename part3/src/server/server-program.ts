import { must } from '@tablelab/shared';
import { integerArgument, type ServerArguments, type ServerProgram } from '@tablelab/shared/command-line';
import { listsAtStartMax } from '../shared-memory/capacity.ts';
import { AsyncTableServer } from './async-table-server.ts';
import {
  dataArguments,
  dataOptions,
  jsonLogger,
  memoryBytesMax,
  metricsAddress,
  operatorOptions,
} from './server-arguments.ts';

const programName = 'table-server';

const usage = `Usage: table-server [options] <port> <n_lists>

Serves a table to many clients at once; writes are answered with their operation number and executed afterwards, by a
second thread.

  <port>                the port to listen on; 0 for any free one
  <n_lists>             how many lists the table begins with; they take half of its memory at most

  --host HOST           the address to listen on (default: 127.0.0.1)
  --memory-max MIB      what the table may take of memory; writes beyond are refused (default: 1024, or a
                        quarter of what the process may have)
  --data DIR            keep the table on disk, in this directory, which no other server uses (default: in memory only)
  --fsync WHEN          with --data, when a write is synced to the disk: before it is executed, and so before verify says
                        that it was (always, the default), every second (everysec), or when the operating system
                        likes (never)
  --disk-reserve MIB    with --data, how much of the disk is left free: with less, writes are refused (default: 256)
  --metrics-port PORT   serve metrics for Prometheus at http://HOST:PORT/metrics; 0 for any free port
  --metrics-host HOST   the address to serve them on (default: 127.0.0.1)
  --log-level LEVEL     log to standard error, a JSON object a line: trace, debug, info, warn, error, fatal or silent
                        (default: silent)
  -h, --help            show this text
`;

const portsMax = 65_535;

/** The program table-server of part 3. `executorProgram`: the program of the executor's thread, for tests. */
export function tableServerProgram(
  options: { executorProgram?: URL } = {},
): Omit<ServerProgram, 'argv' | 'stdout' | 'stderr' | 'signals'> {
  return {
    name: programName,
    usage,
    parameters: ['<port>', '<n_lists>'],
    options: {
      ...operatorOptions,
      ...dataOptions,
      'log-level': { type: 'string' },
    },
    start: ({ positionals: [port, nLists], host, values }) => {
      const data = dataArguments(values);
      return AsyncTableServer.start({
        ...options,
        host,
        port: integerArgument('<port>', must(port, 'counted'), { min: 0, max: portsMax }),
        nLists: integerArgument('<n_lists>', must(nLists, 'counted'), {
          min: 1,
          max: listsAtStartMax(memoryBytesMax(values)),
        }),
        memoryBytesMax: memoryBytesMax(values),
        metrics: metricsAddress(values),
        log: jsonLogger(values),
        data: data && { ...data, onLine: lineOutput(values) },
      });
    },
  };
}

/** Lines about the disk: as JSON with `--log-level`, otherwise as text, and only what an operator should know. */
function lineOutput(values: ServerArguments['values']): (line: string, level: 'info' | 'warn') => void {
  if (values['log-level'] !== undefined) {
    const logger = jsonLogger(values);
    return (line, level) => logger[level](line);
  }
  return (line, level) => {
    if (level === 'warn') process.stderr.write(`${programName}: ${line}\n`);
  };
}
