import { checkText, TableError } from '@tablelab/shared';

/** Where a server listens. `host` is a name or an IP address, an IPv6 one without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const portMax = 65_535;

/**
 * Parses `host:port`, or `[host]:port` for an IPv6 address.
 * @throws TableError BAD_REQUEST when there is no host, or no port from 1 to 65535
 */
export function parseAddress(text: string): Address {
  checkText('an address', text);
  const parts = /^(?:\[(?<bracketed>[^[\]]+)\]|(?<name>[^[\]:\s]+)):(?<port>\d{1,5})$/.exec(text)?.groups;
  const port = Number(parts?.port);
  const bracketed = parts?.bracketed;
  const host = bracketed ?? parts?.name;
  const valid = bracketed === undefined || isIPv6(bracketed);
  if (host === undefined || !valid || !(port >= 1 && port <= portMax)) {
    throw new TableError(
      'BAD_REQUEST',
      `an address is host:port with a port from 1 to ${portMax}, not ${JSON.stringify(text)}`,
    );
  }
  return { host, port };
}

/** The text that {@link parseAddress} parses. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** As `isIPv6` of `node:net`, which a browser has not: a zone such as `%eth0` may follow the address. */
function isIPv6(text: string): boolean {
  const address = /^([\da-f:.]+)(?:%[\w.-]+)?$/i.exec(text)?.[1];
  return address !== undefined && URL.canParse(`http://[${address}]/`);
}
