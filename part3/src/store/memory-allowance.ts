import { totalmem } from 'node:os';
import { TableError } from '@tablelab/shared';
import { processLimit } from '../process-limit.ts';

/** What a table may take of memory unless somebody says otherwise, in bytes, on a machine that has enough. */
const memoryBytesDefault = 1024 ** 3;

/** With less than that no table is worth its server, in bytes. */
const memoryBytesLeast = 16 * 1024 ** 2;

/** A table takes this share of the memory by default: the server's other buffers and Node itself need the rest. */
const memoryShare = 1 / 4;

/**
 * The address space that Node, its second thread, their heaps and the task queue take, in bytes: 7.0 GiB were measured, and half
 * a GiB is for heaps that grow. With less, V8 ends the process without a word of ours.
 */
const runtimeAddressBytes = 7.5 * 1024 ** 3;

/** What the system lets this process have, in bytes; infinite where there is no limit. */
export interface MemoryAllowance {
  /** Of the machine, or of the control group (container) that the process is in. */
  readonly memoryBytes: number;
  /** Address space: `ulimit -v`. */
  readonly addressBytes: number;
}

export function memoryAllowance(): MemoryAllowance {
  return {
    // 0 where the system does not say.
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
    addressBytes: processLimit('Max address space'),
  };
}

/** What a table takes unless somebody says otherwise, in bytes. */
export function defaultMemoryBytesMax({ memoryBytes, addressBytes } = memoryAllowance()): number {
  const bytes = Math.min(memoryBytesDefault, memoryBytes * memoryShare, addressBytes - runtimeAddressBytes);
  return Math.max(memoryBytesLeast, Math.floor(bytes));
}

/**
 * Refuses a table that would take more address space than the process may have.
 * @throws TableError BAD_REQUEST
 */
export function checkAddressSpace(memoryBytesMax: number, { addressBytes } = memoryAllowance()): void {
  const neededBytes = runtimeAddressBytes + memoryBytesMax;
  if (neededBytes <= addressBytes) return;
  const text = `a server with a table of ${mebibytes(memoryBytesMax)} MiB takes ${mebibytes(neededBytes)} MiB of address space`;
  throw new TableError(
    'BAD_REQUEST',
    `${text}, and this process may have ${mebibytes(addressBytes)} (ulimit -v)`,
  );
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / 1024 ** 2);
}
