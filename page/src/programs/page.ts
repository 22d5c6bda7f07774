#!/usr/bin/env node
/** `npm run page`: serves the page on this machine, or writes it as static files. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { errorText } from '@tablelab/shared';
import { integerArgument, parseArguments, UsageError, usageErrorText } from '@tablelab/shared/command-line';
import { OwnCore } from '../server/own-core.ts';
import { serve } from '../server/serve.ts';
import { Site } from '../server/site.ts';
import { fragmentOf, type Opening } from './page-address.ts';

const usage = `usage: npm run page [-- --port N]
       npm run page -- --seed N [--edits FILE] [--disks] [--faults crash,pause] [--keep 0,3] [--open EVENT]
       npm run page -- --rule scenario-1
       npm run page -- --core FILE
       npm run page -- --out DIR

Shows the chain in a browser: the real code of part 4, in simulated time. Prints the page's address; Ctrl-C ends it.
  --port N      the port on 127.0.0.1; default: 8040, 0 takes any
  --seed N      the address that it prints is that of the run of seed N; with --edits, --disks, --faults and --keep, of the same run
                that npm run sim makes of them
  --open EVENT  and of this event in it; default: where a rule is broken, or of the first write
  --rule RULE   the address is that of the lesson that shows a rule of the hand-out
  --core FILE   plays this core; default: part4/src/core/chain-core.ts. The page loads it again when a file in its folder is saved. Files of
                the same name stand for those in part4/src/core; the others are taken from there
  --out DIR     writes the page into a new or empty folder instead, for any server of static files
`;

const defaultPort = 8040;
const portMax = 65_535;

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError;
  process.stderr.write(isUsage ? usageErrorText('page', usage, error) : `page: ${errorText(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
  disconnect();
}

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArguments(argv, {
    port: { type: 'string' },
    out: { type: 'string' },
    seed: { type: 'string' },
    edits: { type: 'string' },
    faults: { type: 'string' },
    keep: { type: 'string' },
    disks: { type: 'boolean' },
    open: { type: 'string' },
    rule: { type: 'string' },
    core: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (positionals.length > 0) throw new UsageError(`what is ${JSON.stringify(positionals[0])}?`);
  const { port, out, help, core } = values;
  if (help === true) {
    process.stdout.write(usage);
    return disconnect();
  }
  const fragment = fragmentOf(values as Opening);
  if (out !== undefined && fragment !== '')
    throw new UsageError('--out writes files, and no address of a run');
  const root = join(import.meta.dirname, '../../..');
  const site = new Site(root, new OwnCore(root, core as string | undefined));
  if (typeof out === 'string') {
    write(site, out);
    return disconnect();
  }
  const number = integerArgument('--port', typeof port === 'string' ? port : String(defaultPort), {
    min: 0,
    max: portMax,
  });
  const server = await serve(site, number).catch((error: unknown) => {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${number} is in use: choose another by --port, or any by --port 0`, {
      cause: error,
    });
  });
  const end = () => {
    server.close();
    server.closeAllConnections();
    disconnect();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  // The bootstrap has been killed.
  process.once('disconnect', end);
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${fragment}`);
}

function write(site: Site, folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new UsageError(`${folder} is not empty`);
  const files = site.files();
  for (const [path, { body }] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), body);
  }
  console.log(`${files.size} files in ${folder}`);
}

/** The open channel to the bootstrap would keep this process alive. */
function disconnect(): void {
  if (process.connected) process.disconnect();
}
