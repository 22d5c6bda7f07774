import { RemoteTable } from '../client/remote-table.ts';
import { keysToComplete } from '../client/scan.ts';
import type { TableClientProgram } from './client-program.ts';
import { tableCommands } from './table-commands.ts';

/** The stub and the commands of part 2's client program; the program adds the arguments and streams of its process. */
export const tableClientParts: Pick<
  TableClientProgram<RemoteTable>,
  'addressName' | 'connect' | 'disconnect' | 'commands' | 'getKeys'
> = {
  addressName: '<host>:<port>',
  connect: (address, { timeoutMs }) => RemoteTable.connect(address, { callTimeoutMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: tableCommands,
  getKeys: keysToComplete,
};
