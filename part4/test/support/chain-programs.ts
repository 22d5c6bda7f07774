import { fileURLToPath } from 'node:url';
import { type ChildProgram, spawnProgram } from '@tablelab/shared/testing';

const program = (name: string) => fileURLToPath(new URL(`../../src/programs/${name}.ts`, import.meta.url));

export interface ServerProgram {
  readonly program: ChildProgram;
  /** `host:port`, as the server itself announced it. */
  readonly address: string;
}

/** Starts a real table server, without waiting for it. */
export function spawnServer(zookeeper: string, ...args: string[]): ChildProgram {
  return spawnProgram(program('table-server'), ['0', '4', zookeeper, ...args]);
}

/** Starts a real table server and waits until it is in the chain. */
export async function startServer(zookeeper: string, ...args: string[]): Promise<ServerProgram> {
  const server = spawnServer(zookeeper, ...args);
  const [, address = ''] = await server.waitForLine(/^listening on (\S+)/, 20_000);
  return { program: server, address };
}

/** Starts the real client with its standard input open. */
export function startClient(zookeeper: string, ...args: string[]): ChildProgram {
  return spawnProgram(program('table-client'), [zookeeper, ...args]);
}
