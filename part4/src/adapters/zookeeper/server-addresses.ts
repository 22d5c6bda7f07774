import { parseAddress } from '@tablelab/part2';
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

/**
 * Checks `host:port[,host:port]` before the library sees it: the library throws for a bad port inside a timer, where
 * the error cannot be caught.
 *
 * @throws TableError BAD_REQUEST
 */
export function checkServerAddresses(servers: string): void {
  for (const address of servers.split(',')) {
    // The library does not know IPv6's brackets, but accepts paths after the port.
    if (!isAddress(address) || /[[\]/]/.test(address)) {
      throw new TableError('BAD_REQUEST', `not a ZooKeeper address (host:port[,host:port]): "${servers}"`);
    }
  }
}
