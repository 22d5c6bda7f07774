import { Readable } from 'node:stream';
import { runTableClient, type TableClientProgram } from '@tablelab/part2';
import { deadlineMs } from '@tablelab/part2/testing';
import { TextSink, withDeadline } from '@tablelab/shared/testing';
import type { Test } from 'tap';
import { tableClientParts } from '../src/terminal/table-client-parts.ts';
import { startServer } from './support.ts';

/** The client program as the tests run it. */

export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The client, not yet started; `exit` starts it. */
export function program<S>(
  parts: Pick<TableClientProgram<S>, 'connect' | 'disconnect' | 'commands' | 'getKeys' | 'onNotice'>,
  argv: string[],
  stdin: TableClientProgram<S>['stdin'],
) {
  const stdout = new TextSink();
  const stderr = new TextSink();
  stdout.isTTY = stdin.isTTY === true;
  const exit = () =>
    runTableClient({ name: 'client', addressName: '<host>:<port>', ...parts, argv, stdin, stdout, stderr });
  return { stdout, stderr, exit };
}

/** Runs the client to its end, with `input` piped into it. */
export async function run(argv: string[], input: string | Buffer = '') {
  const { stdout, stderr, exit } = program(tableClientParts, argv, Readable.from([Buffer.from(input)]));
  const code = await withDeadline(exit(), deadlineMs, 'the client to end');
  return { code, stdout: stdout.text, stderr: stderr.text };
}

export async function server(t: Test) {
  const { address, ...rest } = await startServer(t);
  return { ...rest, address: `127.0.0.1:${address.port}` };
}
