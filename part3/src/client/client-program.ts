import type { TableClientProgram } from '@tablelab/part2';
import { asyncCommands } from './async-commands.ts';
import { AsyncRemoteTable } from './async-remote-table.ts';

/** The program table-client of part 3, without what it runs on: arguments and streams. */
export const tableClientProgram: Omit<
  TableClientProgram<AsyncRemoteTable>,
  'argv' | 'stdin' | 'stdout' | 'stderr'
> = {
  name: 'table-client',
  addressName: '<host>:<port>',
  connect: (address, { timeoutMs }) => AsyncRemoteTable.connect(address, { callTimeoutMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: asyncCommands,
  getKeys: (table) => table.getKeys(),
};
