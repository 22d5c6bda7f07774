import { html } from 'htm/preact';
import { Fields } from '../fields.ts';
import { chosen, now } from './live-source.ts';
import { groupedNumber } from './number-text.ts';

/** The figures of the chosen server; without one, what ZooKeeper has. */
export function LiveServerPane() {
  const live = now.value;
  const server = live?.servers.find(({ address }) => address === chosen.value);
  return html`
    <section class="state">
      <h2>${server === undefined ? 'ZooKeeper' : `Server ${server.address}`}</h2>
      ${server === undefined ? html`<${ZooKeeperFields} /><p class="quiet">Choose a server to see its figures.</p>` : html`<${Fields} fields=${fieldsOf(server)} />`}
    </section>
  `;
}

function ZooKeeperFields() {
  const live = now.value;
  if (live === undefined) return undefined;
  const { zooKeeper, viewVersion, chain, servers } = live;
  const waiting = servers.filter(({ id }) => id === undefined).map(({ address }) => address);
  return html`<${Fields} fields=${{
    connection: zooKeeper.isUp ? 'there' : 'none',
    chain: chain ?? 'none on record',
    'in the view, head to tail': zooKeeper.view.join(', ') || 'none',
    'version of the view': viewVersion < 0 ? 'none' : viewVersion,
    'members on record': zooKeeper.record?.members.join(', ') ?? 'none',
    'the record is of view': zooKeeper.record?.view ?? 'none',
    joining: waiting.join(', ') || 'none',
  }} />`;
}

type Listed = NonNullable<typeof now.value>['servers'][number];

function fieldsOf({ role, id, behind, answer }: Listed): Record<string, string | number> {
  const place = { role: role === 'alone' ? 'head and tail' : role, number: id ?? 'none yet' };
  if ('trouble' in answer) return { ...place, 'does not answer': answer.trouble };
  return {
    ...place,
    'acts on view': answer.viewVersion < 0 ? 'none' : answer.viewVersion,
    'waits for': answer.obstacle ?? 'nothing',
    'lease left': `${groupedNumber(answer.leaseMs)} ms`,
    'updates received': groupedNumber(answer.received),
    'updates executed': groupedNumber(answer.executed),
    'known to be executed by all': groupedNumber(answer.stable),
    'received and not executed (queue)': groupedNumber(answer.received - answer.executed),
    'behind the head': groupedNumber(behind),
    'keys in its table': groupedNumber(answer.entries),
    'table, bytes': groupedNumber(answer.tableBytes),
    'not executed by all, bytes': groupedNumber(answer.unsettledBytes),
    'client sessions': groupedNumber(answer.sessions),
    'reads since its start': groupedNumber(answer.operations?.reads.done),
    'writes since its start': groupedNumber(answer.operations?.writes.done),
    'up for': `${groupedNumber(answer.upMs / 1_000)} s`,
  };
}
