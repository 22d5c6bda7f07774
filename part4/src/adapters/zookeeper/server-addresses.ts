import { TableError } from '@tablelab/shared';

const portMax = 65_535;

/** Whether `text` is `host:port`: no spaces, a port from 1 to 65535. */
export function isAddress(text: string): boolean {
  const match = /^[^\s:,/]+:(\d{1,5})$/.exec(text);
  const port = Number(match?.[1] ?? 0);
  return port >= 1 && port <= portMax;
}

/**
 * Checks `host:port[,host:port]` before the library sees it: there a bad port throws inside a timer, where nobody can
 * catch it.
 *
 * @throws TableError BAD_REQUEST
 */
export function checkServerAddresses(servers: string): void {
  for (const address of servers.split(',')) {
    if (!isAddress(address)) {
      throw new TableError('BAD_REQUEST', `not a ZooKeeper address (host:port[,host:port]): "${servers}"`);
    }
  }
}
