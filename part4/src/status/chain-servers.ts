import type { ChainSurvey } from '../admin/chain-survey.ts';
import { headOf, tailOf } from '../core/view.ts';
import { type AskedServer, askServers } from './ask-servers.ts';
import type { Role } from './role.ts';
import type { ServerStatus } from './server-status.ts';

/** How long a server may take to accept a connection, and as long to answer, in milliseconds. */
const answerTimeoutMs = 2_000;

export interface ListedServer extends AskedServer {
  /** By ZooKeeper: the server itself may not know it yet. */
  readonly role: Role;
  /** Its number in the chain; undefined: it is not in the chain. */
  readonly id: number | undefined;
  /** How many updates it has not executed that the head has; undefined where one of them does not say. */
  readonly behind: number | undefined;
}

/** Head first; then those that wait to join. */
export interface ChainServers {
  /** Undefined: no chain has been begun, or its record cannot be read. */
  readonly chain: string | undefined;
  readonly viewVersion: number;
  readonly servers: readonly ListedServer[];
}

/** Asks the servers in `survey` for their status, by `ask`, which answers in the order of the addresses. */
export async function surveyServers(
  { view, joining, record }: ChainSurvey,
  ask: (addresses: readonly string[]) => Promise<AskedServer[]> = (addresses) =>
    askServers(addresses, answerTimeoutMs),
): Promise<ChainServers> {
  const inChain = view.servers.map(({ id, address }) => ({ id, address, role: roleIn(view, id) }));
  const waiting = joining.map(({ address }) => ({ id: undefined, address, role: 'joining' as const }));
  const listed = [...inChain, ...waiting];
  const asked = await ask(listed.map(({ address }) => address));
  const received = statusOf(asked[0])?.received;
  const servers = listed.map((server, index): ListedServer => {
    const answer = asked[index]?.answer ?? { trouble: 'it was not asked' };
    const executed = statusOf({ answer })?.executed;
    const behind = received === undefined || executed === undefined ? undefined : received - executed;
    // They were not asked at the same moment.
    return { ...server, answer, behind: behind && Math.max(0, behind) };
  });
  return { chain: record?.chain, viewVersion: view.version, servers };
}

function roleIn(view: ChainSurvey['view'], id: number): Role {
  const isHead = headOf(view)?.id === id;
  const isTail = tailOf(view)?.id === id;
  if (isHead) return isTail ? 'alone' : 'head';
  return isTail ? 'tail' : 'middle';
}

export function statusOf(asked: Pick<AskedServer, 'answer'> | undefined): ServerStatus | undefined {
  return asked === undefined || 'trouble' in asked.answer ? undefined : asked.answer;
}
