export { BlockFile } from './block-file.ts';
export { BlockWriter, type SyncPolicy, syncPolicies, type WriterClock } from './block-writer.ts';
export { type Block, blockHeaderBytes, type FileEnd, payloadBytesMax, readBlocks } from './blocks.ts';
export type { AppendFile, Disk } from './disk.ts';
export { type LogFiles, listFiles, logName, snapshotName, unfinishedName } from './log-files.ts';
export { type DiskRoom, defaultReserveBytes, type RoomClock, RoomWatch } from './room-watch.ts';
export { syncFile } from './sync-file.ts';
