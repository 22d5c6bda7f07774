/**
 * With `low` room, the head takes no writes, so that those under way, which the rest of the chain may have already, still
 * fit. With `none`, a server behind the head that gets another update leaves the chain, which continues without it. A server
 * without a disk always has enough.
 */
export type { DiskRoom } from '@tablelab/shared/disk';

/** Why a server with too little room leaves the chain. */
export const noRoomReason =
  'the disk has no room, and this server leaves the chain, which continues without it: what it has on its disk stays. Make room, and start it again';
