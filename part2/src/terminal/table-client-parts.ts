import { RemoteTable } from '../client/remote-table.ts';
import type { TableClientProgram } from './client-program.ts';
import { tableCommands } from './table-commands.ts';

/** What makes a client program part 2's: its stub and its commands. The program itself adds the process. */
export const tableClientParts: Pick<
  TableClientProgram<RemoteTable>,
  'addressName' | 'connect' | 'disconnect' | 'commands' | 'getKeys'
> = {
  addressName: '<host>:<port>',
  connect: (address, { timeoutMs }) => RemoteTable.connect(address, { callTimeoutMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: tableCommands,
  getKeys: (table) => table.getKeys(),
};
