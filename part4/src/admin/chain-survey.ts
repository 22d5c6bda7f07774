import { errorText } from '@tablelab/shared';
import { joiningOfChild, recordFromBytes, serverOfChild } from '../adapters/zookeeper/chain-json.ts';
import { chainPaths } from '../adapters/zookeeper/chain-session.ts';
import { NumberedChildren } from '../adapters/zookeeper/numbered-children.ts';
import type { Directory } from '../core/directory.ts';
import type { MembershipRecord } from '../core/membership-record.ts';
import type { View } from '../core/view.ts';
import type { CoordinationSession } from '../ports.ts';

/** The view while no server has ever registered. */
const noView: View = { version: -1, servers: [] };

/** The state of the chain in ZooKeeper for an operator, see {@link Directory}. */
export interface ChainSurvey extends Directory {
  /** Why the record cannot be read; undefined if it can be read or is empty. */
  readonly unreadable: string | undefined;
}

/** Leaves one-shot watches that call `changed` when the survey would be another one. */
export async function surveyChain(
  session: CoordinationSession,
  log: (line: string) => void,
  changed?: () => void,
): Promise<ChainSurvey> {
  const joining = new NumberedChildren({ session, path: chainPaths.joining, log }, joiningOfChild);
  const servers = new NumberedChildren({ session, path: chainPaths.chain, log }, serverOfChild);
  for (;;) {
    const waiting = await joining.list(changed);
    const inChain = await servers.list(changed);
    const node = await session.getData(chainPaths.chain, changed);
    if (waiting === 'outdated' || inChain === 'outdated') continue;
    if (changed !== undefined) {
      // Only `exists` leaves a watch on a znode that is absent.
      if (waiting === 'absent' && (await session.exists(chainPaths.joining, changed))) continue;
      if (node === undefined && (await session.exists(chainPaths.chain, changed))) continue;
    }
    return {
      joining: waiting === 'absent' ? [] : waiting.items,
      view: inChain === 'absent' ? noView : { version: inChain.version, servers: inChain.items },
      ...recordIn(node?.data ?? new Uint8Array(0)),
      recordVersion: node?.version ?? 0,
    };
  }
}

function recordIn(data: Uint8Array): {
  record: MembershipRecord | undefined;
  unreadable: string | undefined;
} {
  try {
    return { record: recordFromBytes(data), unreadable: undefined };
  } catch (error) {
    return { record: undefined, unreadable: errorText(error) };
  }
}
