import { tableContract } from '@tablelab/part1/testing';
import t from 'tap';
import { SharedTable } from '../src/shared-memory/shared-table.ts';

tableContract(t, 'shared table', (nLists) => SharedTable.create({ nLists, memoryBytesMax: 2 ** 24 }));
