export { BlockWriter, type SyncPolicy, syncPolicies, type WriterClock } from './block-writer.ts';
export { type Block, blockHeaderBytes, type FileEnd, payloadBytesMax, readBlocks } from './blocks.ts';
export type { AppendFile, Disk } from './disk.ts';
export { openNodeDisk, openStoppedDisk } from './node-disk.ts';
