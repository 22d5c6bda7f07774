#!/usr/bin/env node
import { keysToComplete, runClientProcess } from '@tablelab/part2';
import { chainCommands } from '../client/chain-commands.ts';
import { ChainTable } from '../client/chain-table.ts';
import { operatorCommands } from '../client/operator-commands.ts';

await runClientProcess<ChainTable>({
  name: 'table-client',
  addressName: '<zookeeper host>:<port>',
  connect: (zookeeper, { timeoutMs }) => ChainTable.connect({ zookeeper, deadlineMs: timeoutMs }),
  disconnect: (table) => table.disconnect(),
  commands: [...chainCommands(), ...operatorCommands(process.stderr)],
  getKeys: keysToComplete,
});
