/** The measured servers, as child processes. */
import { fileURLToPath } from 'node:url';
import { ChildProgram, freePort, spawnProgram } from '@tablelab/shared/process';

const startDeadlineMs = 10_000;

export interface MeasuredServer {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startTablelab(): Promise<MeasuredServer> {
  const server = spawnProgram(fileURLToPath(new URL('../src/programs/table-server.ts', import.meta.url)), [
    '0',
    '1024',
  ]);
  const [, port] = await server.waitForLine(/^listening on .*:(\d+)$/, startDeadlineMs);
  return { port: Number(port), pid: server.pid, stop: () => server.stop() };
}

/** Debian's `redis-server`, on loopback, without persistence. */
export async function startRedis(): Promise<MeasuredServer> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = new ChildProgram('redis-server', args);
  await server.waitForLine(/Ready to accept connections/, startDeadlineMs);
  return { port, pid: server.pid, stop: () => server.stop() };
}
