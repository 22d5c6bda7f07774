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

export async function surveyChain(
  session: CoordinationSession,
  log: (line: string) => void,
): Promise<ChainSurvey> {
  const joining = new NumberedChildren({ session, path: chainPaths.joining, log }, joiningOfChild);
  const servers = new NumberedChildren({ session, path: chainPaths.chain, log }, serverOfChild);
  for (;;) {
    const waiting = await joining.list(undefined);
    const inChain = await servers.list(undefined);
    const node = await session.getData(chainPaths.chain);
    if (waiting === 'outdated' || inChain === 'outdated') continue;
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
