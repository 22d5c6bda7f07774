import { must, TableError } from '@tablelab/shared';
import { recordToBytes } from '../adapters/zookeeper/chain-json.ts';
import { chainPaths } from '../adapters/zookeeper/chain-session.ts';
import { type HeldState, type JoiningServer, membersIn } from '../core/directory.ts';
import { type ChainId, type MembershipRecord, notEntered } from '../core/membership-record.ts';
import type { CoordinationSession } from '../ports.ts';
import type { ChainSurvey } from './chain-survey.ts';

/** A joining server that holds data. */
export type Holder = JoiningServer & { readonly state: HeldState };

/**
 * An operator's decisions when the servers cannot continue automatically (part4/README.md#member-recover). Each
 * decision is one write of the record, which ZooKeeper refuses if the record has changed since the survey.
 */

export function holdersIn({ joining }: ChainSurvey): readonly Holder[] {
  return joining.filter((server): server is Holder => server.state !== null);
}

/**
 * The chain continues with the data of the servers at these addresses. The one with the longest history begins; the
 * others keep what matches it.
 * @throws TableError BAD_REQUEST for a wrong choice, NOT_READY if the servers continue automatically
 */
export async function goOn(
  session: CoordinationSession,
  survey: ChainSurvey,
  choice: { readonly addresses: readonly string[]; readonly newChain: ChainId },
): Promise<MembershipRecord> {
  refuseWhileServed(survey);
  const holders = holdersIn(survey);
  const chosen = choice.addresses.map((address) => holderAt(holders, address));
  const [first, ...others] = chosen.toSorted((one, other) => compareHistories(other.state, one.state));
  const best = must(first, 'an address is needed');
  const { chain: from, capacityBytes } = best.state;
  const stranger = others.find(({ state }) => state.chain !== from);
  if (stranger !== undefined) {
    const text = `${best.address} holds data of chain ${from}, ${stranger.address} of chain ${stranger.state.chain}: choose servers of one chain`;
    throw new TableError('BAD_REQUEST', text);
  }
  const recovery = { from, members: chosen.map(({ member }) => member) };
  return write(session, survey, { best, chain: choice.newChain, capacityBytes, recovery });
}

/**
 * The chain begins without any data.
 * @throws TableError NOT_READY if the servers continue automatically, or if there is none
 */
export async function beginEmpty(
  session: CoordinationSession,
  survey: ChainSurvey,
  newChain: ChainId,
): Promise<MembershipRecord> {
  refuseWhileServed(survey);
  const empty = survey.joining.filter(({ state }) => state === null);
  const [best] = empty;
  if (best === undefined) throw new TableError('NOT_READY', 'no empty server is waiting: start one first');
  const recovery = { from: null, members: empty.map(({ member }) => member) };
  // The server that begins sets its own capacity.
  return write(session, survey, { best, chain: newChain, capacityBytes: 0, recovery });
}

/**
 * Empties a record that cannot be read: the servers in the chain write it again.
 * @throws TableError BAD_REQUEST for a record that can be read
 */
export async function discardRecord(session: CoordinationSession, survey: ChainSurvey): Promise<void> {
  if (survey.unreadable === undefined) {
    throw new TableError('BAD_REQUEST', 'the record can be read: there is nothing to repair');
  }
  await setRecord(session, survey, new Uint8Array(0));
}

function holderAt(holders: readonly Holder[], address: string): Holder {
  const holder = holders.findLast((server) => server.address === address);
  if (holder !== undefined) return holder;
  const addresses = holders.map((server) => server.address).join(', ') || 'none';
  throw new TableError(
    'BAD_REQUEST',
    `no server that waits at ${address} holds data; these do: ${addresses}`,
  );
}

function refuseWhileServed(survey: ChainSurvey): void {
  const { view, unreadable } = survey;
  const [member] = membersIn(survey);
  const entry = view.servers.find(({ id }) => id === member?.id);
  if (entry !== undefined) {
    const text = `server ${entry.id} at ${entry.address} is in the chain with all its data: there is nothing to recover`;
    throw new TableError('NOT_READY', text);
  }
  if (unreadable !== undefined && view.servers.length > 0) {
    const text =
      'the record cannot be read, and servers are in the chain: first try recover --discard-record';
    throw new TableError('NOT_READY', text);
  }
}

/** Orders two servers of a chain: a higher epoch means more data, and within an epoch, more updates. */
function compareHistories(one: HeldState, other: HeldState): number {
  return one.nextEpoch - other.nextEpoch || one.received - other.received;
}

async function write(
  session: CoordinationSession,
  survey: ChainSurvey,
  {
    best,
    ...decided
  }: { readonly best: JoiningServer } & Pick<MembershipRecord, 'chain' | 'capacityBytes'> &
    Required<Pick<MembershipRecord, 'recovery'>>,
): Promise<MembershipRecord> {
  const { view, record } = survey;
  const states = holdersIn(survey).map(({ state }) => state);
  const next: MembershipRecord = {
    ...decided,
    // Above every epoch seen so far, because ZooKeeper's numbers may have started over.
    epochBase: Math.max(record?.epochBase ?? 0, ...states.map(({ nextEpoch }) => nextEpoch)),
    serial: 1 + Math.max(record?.serial ?? 0, ...states.map(({ serial }) => serial)),
    view: view.version,
    members: [{ id: notEntered, member: best.member }],
  };
  await setRecord(session, survey, recordToBytes(next));
  return next;
}

async function setRecord(
  session: CoordinationSession,
  { recordVersion: version }: ChainSurvey,
  data: Uint8Array,
): Promise<void> {
  const outcome = await session.transaction([{ op: 'setData', path: chainPaths.chain, data, version }]);
  if (outcome.committed) return;
  throw new TableError('NOT_READY', `the chain has changed meanwhile (${outcome.refusal}): look again`);
}
