#!/usr/bin/env node
/** Shows a running chain in the browser. It is a program of part 4 that lives here, because part 4 imports nothing of the page. */
import { join } from 'node:path';
import { must } from '@tablelab/shared';
import { integerArgument, runServerProgram } from '@tablelab/shared/command-line';
import { Controls } from '../dashboard/controls.ts';
import { Dashboard } from '../dashboard/dashboard.ts';

const defaultPort = 8041;

const usage = `Usage: table-dashboard <zookeeper> [port]

Shows the chain that ZooKeeper coordinates in a browser, and prints the address of the page. Ctrl-C ends it.

  <zookeeper>   where ZooKeeper is: host:port[,host:port][/path]
  [port]        the port to listen on (default: ${defaultPort}); 0 for any free one

  --host HOST   the address to listen on (default: 127.0.0.1). Only requests to this machine's own names are answered, so that
                another address is of use in a container whose port is published on 127.0.0.1
  --controls    the program that has started this one does to the chain what the page asks, as npm start does
  --verbose     say on standard error what happens to the connection to ZooKeeper
  -h, --help    show this text

The printed address has a token. Without it, the page shows the chain, and changes nothing.
`;

const portMax = 65_535;

process.exitCode = await runServerProgram({
  name: 'table-dashboard',
  usage,
  parameters: ['<zookeeper>'],
  optionalParameters: ['[port]'],
  options: { controls: { type: 'boolean', default: false }, verbose: { type: 'boolean', default: false } },
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  start: async ({ positionals: [zookeeper, port = String(defaultPort)], host, values }) => {
    const dashboard = await Dashboard.start({
      root: join(import.meta.dirname, '../../..'),
      zookeeper: must(zookeeper, 'counted'),
      host,
      port: integerArgument('[port]', port, { min: 0, max: portMax }),
      controls: values.controls === true ? new Controls(process) : undefined,
      log: (line) => {
        if (values.verbose === true) process.stderr.write(`table-dashboard: ${line}\n`);
      },
    });
    return {
      address: dashboard.url,
      async close() {
        await dashboard.close();
        // The open channel would keep this process alive.
        if (process.connected) process.disconnect();
      },
    };
  },
});
