/**
 * One directory of files on a disk, as the logs and snapshots of a server use it. The simulator implements this interface
 * with a disk that loses, tears and damages what was not synced.
 *
 * Nothing is durable until it is synced: the bytes of a file by {@link AppendFile.sync}, its name by
 * {@link Disk.syncNames}. A sync that fails must not be repeated, because the operating system may have dropped the bytes
 * (Rebello et al., "Can Applications Recover from fsync Failures?", 2020): the server ends.
 *
 * Every call rejects with a TableError: FULL when the disk has no room, INTERNAL for every other failure.
 */
export interface Disk {
  /** The names of all files, in no particular order. */
  list(): Promise<readonly string[]>;
  /** The size of a file, in bytes. */
  size(name: string): Promise<number>;
  /** At most `length` bytes of a file from `offset` on: fewer at its end. */
  read(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** A new, empty file. There must be none of this name. */
  create(name: string): Promise<AppendFile>;
  /** A file to be continued at its end. */
  open(name: string): Promise<AppendFile>;
  /** Replaces a file `to`, if there is one, in one step. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Cuts a file and syncs it. */
  truncate(name: string, bytes: number): Promise<void>;
  /** Makes all earlier `create`, `rename` and `remove` durable. */
  syncNames(): Promise<void>;
  /** What the disk has left, in bytes. */
  freeBytes(): Promise<number>;
  /** Lets another process use the directory. */
  close(): Promise<void>;
}

/** A file that only grows. One call at a time. */
export interface AppendFile {
  /** Adds all bytes, or rejects; a part of them may then be in the file. The caller must not change them afterwards. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Resolves once all that was appended is durable. */
  sync(): Promise<void>;
  /** Removes everything from byte `bytes` on, in order to append there again. Not synced. */
  cut(bytes: number): Promise<void>;
  close(): Promise<void>;
}
