/** Servers that are treated badly, as child processes, and the sockets to do it with. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { FrameDecoder } from '@tablelab/part2';
import { type ChildProgram, spawnProgram } from '@tablelab/shared/process';
import { startZooKeeper } from '@tablelab/shared/zookeeper';

const startDeadlineMs = 30_000;
const frameBytes = 16 * 1024 * 1024;

export interface Target {
  readonly programs: readonly ChildProgram[];
  readonly headPort: number;
  readonly tailPort: number;
  stop(): Promise<void>;
}

export interface TargetOptions {
  /** Another checkout than this one. */
  readonly root?: string | undefined;
  /** Options of Node for the servers. */
  readonly nodeOptions?: string;
}

/** A server of part 2 or 3, or a chain of two servers of part 4. */
export function startTarget(part: number, options: TargetOptions = {}): Promise<Target> {
  return part === 4 ? startChain(options) : startServer(part, options);
}

function spawnServer(part: number, { root, nodeOptions }: TargetOptions, ...more: string[]): ChildProgram {
  const env = nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions };
  return spawnProgram(programPath(`part${part}`, root), ['0', '1024', ...more], { env });
}

async function startServer(part: number, options: TargetOptions): Promise<Target> {
  const program = spawnServer(part, options);
  const [, port] = await program.waitForLine(/^listening on .*:(\d+)/, startDeadlineMs);
  return { programs: [program], headPort: Number(port), tailPort: Number(port), stop: () => program.stop() };
}

async function startChain(options: TargetOptions): Promise<Target> {
  const zookeeper = await startZooKeeper();
  const programs: ChildProgram[] = [];
  const ports: number[] = [];
  for (let server = 0; server < 2; server += 1) {
    const program = spawnServer(4, options, zookeeper.address);
    programs.push(program);
    const [, port] = await program.waitForLine(/^listening on .*:(\d+)/, startDeadlineMs);
    ports.push(Number(port));
  }
  const stop = async () => {
    for (const program of programs.toReversed()) await program.stop();
    await zookeeper.stop();
  };
  return { programs, headPort: Number(ports[0]), tailPort: Number(ports[1]), stop };
}

function programPath(part: string, root = fileURLToPath(new URL('../..', import.meta.url))): string {
  return `${root}/${part}/src/programs/table-server.ts`;
}

export async function open(port: number, sockets: Socket[]): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).on('error', () => undefined);
  sockets.push(socket);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

/** Resolves after `count` replies; rejects if the connection ends first. */
export function replies(socket: Socket, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const decoder = new FrameDecoder({ frameBytesMax: 2 * frameBytes });
  let left = count;
  const take = (chunk: Uint8Array) => {
    for (const _ of decoder.push(chunk)) left -= 1;
    if (left <= 0) finish();
  };
  const lose = () => finish(new Error('the connection was lost'));
  const finish = (error?: Error) => {
    socket.off('data', take).off('close', lose);
    if (error === undefined) resolve();
    else reject(error);
  };
  socket.on('data', take).on('close', lose);
  if (socket.closed) lose();
  return promise;
}

export async function memoryBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1_024;
}
