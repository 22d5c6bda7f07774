import { readdirSync } from 'node:fs';
import { processLimit } from '../process-limit.ts';

/** Open files that are kept for what else a server needs: links to other servers, ZooKeeper, metrics. */
const reservedFiles = 16;

/** However many the system allows. */
const clientsMax = 10_000;
const lingeringMax = 256;

/** With fewer places than this, the server logs a warning. */
const fewClients = 1_000;

/** The largest numbers of connections of a server, by what they are doing. */
export interface ConnectionCounts {
  /** Those that clients are served over. */
  readonly served: number;
  /** Those without a complete request. */
  readonly silent: number;
  /** Finished ones that wait for their clients to close. */
  readonly lingering: number;
  /** Those whose kind is not known yet, where a port has clients and other servers (part 4). */
  readonly undecided: number;
}

/** Divides `files`, the open files that a server may still have, among its connections. */
export function connectionCounts(files: number = freeFiles()): ConnectionCounts {
  const available = Math.max(files - reservedFiles, 0);
  const share = (parts: number, max: number) => Math.max(1, Math.min(max, Math.floor(available / parts)));
  return {
    served: share(2, clientsMax),
    silent: share(4, clientsMax),
    lingering: share(8, lingeringMax),
    undecided: share(8, clientsMax),
  };
}

/** How many files this process may still open: `ulimit -n`, less those that are open. */
function freeFiles(): number {
  const limit = processLimit('Max open files');
  return Number.isFinite(limit) ? limit - readdirSync('/proc/self/fd').length : limit;
}

/** A line for the log where the system allows only few clients, or undefined. */
export function fewConnectionsText({ served }: ConnectionCounts): string | undefined {
  if (served >= fewClients) return undefined;
  return `the system allows this process few open files (ulimit -n): it serves ${served} clients at once`;
}
