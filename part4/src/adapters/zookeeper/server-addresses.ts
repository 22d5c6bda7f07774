import { parseAddress } from '@tablelab/part2/wire';
import { TableError } from '@tablelab/shared';

/** Whether `text` is an address that clients and other servers can dial. */
export function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    // It throws only if the text is not an address.
    return false;
  }
}

/** Where ZooKeeper is, and below which znode all paths lie: `host:port[,host:port][/path]`. */
export interface ZooKeeperAddress {
  /** `host:port`, each. */
  readonly servers: readonly string[];
  /** `/path`, or empty: paths begin at the root. Chains with different paths share one ZooKeeper. */
  readonly root: string;
}

/**
 * Reads an address before the library does: the library throws for a bad port inside a timer, where the error cannot be
 * caught.
 *
 * @throws TableError BAD_REQUEST
 */
export function parseZooKeeperAddress(text: string): ZooKeeperAddress {
  const { list = '', root = '' } = /^(?<list>[^/]*)(?<root>(?:\/[^/\s,:]+)*)$/.exec(text)?.groups ?? {};
  const servers = list.split(',');
  // The library does not know IPv6's brackets.
  if (servers.every((address) => isAddress(address) && !/[[\]]/.test(address))) return { servers, root };
  throw new TableError(
    'BAD_REQUEST',
    `not a ZooKeeper address (host:port[,host:port][/path]): ${JSON.stringify(text)}`,
  );
}
