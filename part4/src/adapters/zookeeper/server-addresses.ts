import { parseAddress } from '@tablelab/part2';
import { TableError } from '@tablelab/shared';

/** Whether `text` is an address that clients and other servers can dial. */
export function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    // The only thing it throws is that this is none.
    return false;
  }
}

/**
 * Checks `host:port[,host:port]` before the library sees it: there a bad port throws inside a timer, where nobody can
 * catch it.
 *
 * @throws TableError BAD_REQUEST
 */
export function checkServerAddresses(servers: string): void {
  for (const address of servers.split(',')) {
    // The library's own reading of an address knows nothing of IPv6's brackets, but of paths behind the port.
    if (!isAddress(address) || /[[\]/]/.test(address)) {
      throw new TableError('BAD_REQUEST', `not a ZooKeeper address (host:port[,host:port]): "${servers}"`);
    }
  }
}
