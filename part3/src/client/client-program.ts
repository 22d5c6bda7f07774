import { type ClientProgramParts, keysToComplete } from '@tablelab/part2';
import { asyncCommands } from './async-commands.ts';
import { AsyncRemoteTable } from './async-remote-table.ts';

/** The program table-client of part 3, without its arguments and streams. */
export const tableClientProgram: ClientProgramParts<AsyncRemoteTable> = {
  name: 'table-client',
  addressName: '<host>:<port>',
  connect: (address, { timeoutMs }) => AsyncRemoteTable.connect(address, { callTimeoutMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: asyncCommands,
  getKeys: keysToComplete,
};
