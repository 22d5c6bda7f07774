import { errorText } from '@tablelab/shared';
import { joiningFromBytes, recordFromBytes, serverOfChild } from '../adapters/zookeeper/chain-json.ts';
import { NumberedChildren } from '../adapters/zookeeper/numbered-children.ts';
import type { Directory, JoiningServer } from '../core/directory.ts';
import { type Member, type MembershipRecord, presentMembers } from '../core/membership-record.ts';
import type { ServerEntry, View } from '../core/view.ts';
import type { CoordinationSession } from '../ports.ts';

export const chainPath = '/chain';
const joiningPath = '/chain-joining';

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
  const joining = new NumberedChildren<JoiningServer>(
    { session, path: joiningPath, log },
    ({ id, data, session }) => ({ ...joiningFromBytes(data), id, session }),
  );
  const servers = new NumberedChildren<ServerEntry>({ session, path: chainPath, log }, serverOfChild);
  for (;;) {
    const waiting = await joining.list(undefined);
    const inChain = await servers.list(undefined);
    const node = await session.getData(chainPath);
    if (waiting === 'outdated' || inChain === 'outdated') continue;
    return {
      joining: waiting === 'absent' ? [] : waiting.items,
      view: inChain === 'absent' ? noView : { version: inChain.version, servers: inChain.items },
      ...recordIn(node?.data ?? new Uint8Array(0)),
      recordVersion: node?.version ?? 0,
    };
  }
}

/** The members of the record that are in the chain. */
export function membersThere({ record, view }: ChainSurvey): readonly Member[] {
  return record === undefined ? [] : presentMembers(record, view);
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
