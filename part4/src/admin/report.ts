import { type HeldState, membersIn } from '../core/directory.ts';
import { headOf, type ServerEntry, tailOf } from '../core/view.ts';
import type { ChainSurvey } from './chain-survey.ts';

/** A report on the chain for an operator: head and tail, waiting servers, and their data. */
export function describeChain(survey: ChainSurvey): string {
  const { joining, view, record, unreadable } = survey;
  const members = membersIn(survey);
  const lines = [
    unreadable === undefined
      ? record === undefined
        ? 'no chain has been begun, or its record is lost'
        : `chain ${record.chain}, record ${record.serial}, capacity ${record.capacityBytes} bytes`
      : `the record cannot be read: ${unreadable}`,
  ];
  for (const server of view.servers) {
    const member = members.find(({ id }) => id === server.id);
    const standing = member === undefined ? 'not a member' : `member, run ${member.member}`;
    lines.push(`  ${placeOf(survey, server)}  server ${server.id} at ${server.address}: ${standing}`);
  }
  if (view.servers.length === 0) lines.push('  no server is in the chain');
  const missing = record?.members.filter((member) => !members.includes(member)) ?? [];
  for (const { member } of missing) {
    const waiting = joining.some((server) => server.member === member);
    lines.push(
      `  ${waiting ? 'to begin' : 'missing'}: run ${member}, which the record names${waiting ? '' : ', and which holds all data'}`,
    );
  }
  if (joining.length > 0) lines.push('waiting to join:');
  for (const { address, member, state } of joining) {
    lines.push(
      `  ${address}, run ${member}, holds ${state === null ? 'nothing' : describeHeld(state, survey)}`,
    );
  }
  return lines.join('\n');
}

/** Whether the chain serves clients: head and tail have all data. */
export function isServed(survey: ChainSurvey): boolean {
  const ids = membersIn(survey).map(({ id }) => id);
  const [head, tail] = [headOf(survey.view), tailOf(survey.view)];
  return head !== undefined && tail !== undefined && ids.includes(head.id) && ids.includes(tail.id);
}

function placeOf({ view }: ChainSurvey, server: ServerEntry): string {
  const isHead = headOf(view) === server;
  const isTail = tailOf(view) === server;
  if (isHead && isTail) return 'head and tail';
  return isHead ? 'head' : isTail ? 'tail' : 'middle';
}

function describeHeld({ chain, received, nextEpoch, members }: HeldState, { joining }: ChainSurvey): string {
  const absent = members.filter((member) => !joining.some((server) => server.member === member));
  const last = received === 0 ? 'no updates' : `${received} updates, the last of epoch ${nextEpoch - 1}`;
  const waits = absent.length === 0 ? '' : `; waits for run ${absent.join(', ')}`;
  return `chain ${chain}: ${last}${waits}`;
}
