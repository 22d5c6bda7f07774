import { NetworkClient, parseAddress, requests } from '@tablelab/part2';
import { errorText } from '@tablelab/shared';
import { type ServerStatus, statusIn } from './server-status.ts';

/** A server and what it says of itself, or why it does not. */
export interface AskedServer {
  readonly address: string;
  readonly answer: ServerStatus | { readonly trouble: string };
}

/** Asks all servers at once. Each has `timeoutMs` to accept the connection, and as long to answer. Never rejects. */
export function askServers(addresses: readonly string[], timeoutMs: number): Promise<AskedServer[]> {
  return Promise.all(
    addresses.map(async (address) => {
      try {
        return { address, answer: await ask(address, timeoutMs) };
      } catch (error) {
        return { address, answer: { trouble: errorText(error) } };
      }
    }),
  );
}

async function ask(address: string, timeoutMs: number): Promise<ServerStatus> {
  const limits = { connectTimeoutMs: timeoutMs, callTimeoutMs: timeoutMs };
  const client = await NetworkClient.connect({ ...parseAddress(address), ...limits });
  try {
    return statusIn(await client.call(requests.status()));
  } finally {
    await client.close();
  }
}
