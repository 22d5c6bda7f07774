export { checkKey, duplicateData, duplicateEntry, type Entry, isSameData } from './entry.ts';
export { halfSipHash, hashKey, randomSeed, type Seed } from './hash.ts';
export { type KeyValueTable, keyOverheadBytes } from './key-value-table.ts';
export { List } from './list.ts';
export { bufferToData, bufferToEntry, dataToBuffer, entryToBuffer } from './serialization.ts';
export { listsAtStartMax, Table } from './table.ts';
export {
  type KeyPage,
  keysFrom,
  ScanCursor,
  type ScanOptions,
  type WalkedTable,
  WalkOrder,
} from './walk-order.ts';
