import type { ListedServer, ServerStatus } from '@tablelab/part4/live';
import { html } from 'htm/preact';
import { chainWord } from '../words/chain.ts';
import { liveServerWord } from '../words/live-servers.ts';
import { now } from './live-source.ts';
import { groupedNumber } from './number-text.ts';

const columns: readonly (readonly [name: () => string, of: (status: ServerStatus) => string])[] = [
  [
    () => liveServerWord.value.columns.view,
    ({ viewVersion }) => (viewVersion < 0 ? chainWord.value.none : String(viewVersion)),
  ],
  [() => liveServerWord.value.columns.lease, ({ leaseMs }) => groupedNumber(leaseMs)],
  [() => chainWord.value.received, ({ received }) => groupedNumber(received)],
  [() => chainWord.value.executed, ({ executed }) => groupedNumber(executed)],
  [() => chainWord.value.stable, ({ stable }) => groupedNumber(stable)],
  [() => liveServerWord.value.columns.queue, ({ received, executed }) => groupedNumber(received - executed)],
  [() => liveServerWord.value.columns.keys, ({ entries }) => groupedNumber(entries)],
  [() => liveServerWord.value.columns.table, ({ tableBytes }) => groupedNumber(tableBytes)],
];

/** All servers, head first, with their figures. */
export function ServerTable() {
  const { servers = [] } = now.value ?? {};
  if (servers.length === 0) return undefined;
  const word = liveServerWord.value;
  return html`
    <section class="servers" tabindex="0" aria-label=${word.allServers}>
      <table>
        <thead><tr><th scope="col">${word.columns.server}</th><th scope="col">${chainWord.value.role}</th>${columns.map(([name], index) => html`<th key=${index} scope="col">${name()}</th>`)}<th scope="col">${word.columns.behind}</th></tr></thead>
        <tbody>${servers.map((server) => html`<${Row} key=${server.address} server=${server} />`)}</tbody>
      </table>
    </section>
  `;
}

function Row({ server: { address, id, role, behind, answer } }: { readonly server: ListedServer }) {
  const cells =
    'trouble' in answer
      ? html`<td colspan=${columns.length} class="trouble">${liveServerWord.value.doesNotAnswer}: <span lang="en">${answer.trouble}</span></td>`
      : columns.map(([, of], index) => html`<td key=${index}>${of(answer)}</td>`);
  return html`<tr><th scope="row">${id === undefined ? '' : `${id} · `}${address}</th><td>${chainWord.value.roles[role]}</td>${cells}<td>${groupedNumber(behind)}</td></tr>`;
}
