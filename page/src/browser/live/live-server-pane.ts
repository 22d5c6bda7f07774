import { html } from 'htm/preact';
import { Fields, type FieldValues } from '../fields.ts';
import { chainWord } from '../words/chain.ts';
import { liveServerWord } from '../words/live-servers.ts';
import { chosen, now } from './live-source.ts';
import { groupedNumber } from './number-text.ts';

/** The figures of the chosen server; without one, what ZooKeeper has. */
export function LiveServerPane() {
  const live = now.value;
  const server = live?.servers.find(({ address }) => address === chosen.value);
  return html`
    <section class="state">
      <h2>${server === undefined ? 'ZooKeeper' : chainWord.value.server(server.address)}</h2>
      ${server === undefined ? html`<${ZooKeeperFields} /><p class="quiet">${liveServerWord.value.chooseServer}</p>` : html`<${Fields} fields=${fieldsOf(server)} />`}
    </section>
  `;
}

function ZooKeeperFields() {
  if (now.value === undefined) return undefined;
  const { zooKeeper, viewVersion, chain, servers } = now.value;
  const word = chainWord.value;
  const live = liveServerWord.value;
  const waiting = servers.filter(({ id }) => id === undefined).map(({ address }) => address);
  return html`<${Fields} fields=${{
    [live.connection]: zooKeeper.isUp ? live.there : live.notThere,
    [live.chain]: chain ?? live.noneOnRecord,
    [word.inTheView]: zooKeeper.view.join(', ') || word.none,
    [word.viewVersion]: viewVersion < 0 ? word.none : viewVersion,
    [word.membersOnRecord]: zooKeeper.record?.members.join(', ') ?? word.none,
    [live.recordIsOfView]: zooKeeper.record?.view ?? word.none,
    [word.joining]: waiting.join(', ') || word.none,
  }} />`;
}

type Listed = NonNullable<typeof now.value>['servers'][number];

function fieldsOf({ role, id, behind, answer }: Listed): FieldValues {
  const word = chainWord.value;
  const live = liveServerWord.value;
  const place = { [word.role]: word.roles[role], [word.number]: id ?? word.noneYet };
  if ('trouble' in answer) return { ...place, [live.doesNotAnswer]: inEnglish(answer.trouble) };
  return {
    ...place,
    [word.actsOnView]: answer.viewVersion < 0 ? word.none : answer.viewVersion,
    [live.waitsFor]: answer.obstacle === null ? live.nothing : inEnglish(answer.obstacle),
    [word.leaseLeft]: `${groupedNumber(answer.leaseMs)} ms`,
    [word.updatesReceived]: groupedNumber(answer.received),
    [word.updatesExecuted]: groupedNumber(answer.executed),
    [word.executedByAll]: groupedNumber(answer.stable),
    [live.queue]: groupedNumber(answer.received - answer.executed),
    [live.behindHead]: groupedNumber(behind),
    [word.keysInTable]: groupedNumber(answer.entries),
    [live.tableBytes]: groupedNumber(answer.tableBytes),
    [live.unsettledBytes]: groupedNumber(answer.unsettledBytes),
    [live.clientSessions]: groupedNumber(answer.sessions),
    [live.readsDone]: groupedNumber(answer.operations?.reads.done),
    [live.writesDone]: groupedNumber(answer.operations?.writes.done),
    [live.upFor]: `${groupedNumber(answer.upMs / 1_000)} s`,
  };
}

/** What a server says is in its own words. */
function inEnglish(text: string) {
  return html`<span lang="en">${text}</span>`;
}
