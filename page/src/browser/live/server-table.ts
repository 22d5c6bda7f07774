import type { ListedServer, ServerStatus } from '@tablelab/part4/live';
import { html } from 'htm/preact';
import { now } from './live-source.ts';
import { groupedNumber } from './number-text.ts';

const columns: readonly (readonly [name: string, of: (status: ServerStatus) => string])[] = [
  ['view', ({ viewVersion }) => (viewVersion < 0 ? 'none' : String(viewVersion))],
  ['lease, ms', ({ leaseMs }) => groupedNumber(leaseMs)],
  ['received', ({ received }) => groupedNumber(received)],
  ['executed', ({ executed }) => groupedNumber(executed)],
  ['stable', ({ stable }) => groupedNumber(stable)],
  ['queue', ({ received, executed }) => groupedNumber(received - executed)],
  ['keys', ({ entries }) => groupedNumber(entries)],
  ['table, bytes', ({ tableBytes }) => groupedNumber(tableBytes)],
];

/** All servers, head first, with their figures. */
export function ServerTable() {
  const { servers = [] } = now.value ?? {};
  if (servers.length === 0) return undefined;
  return html`
    <section class="servers" tabindex="0" aria-label="All servers">
      <table>
        <thead><tr><th scope="col">server</th><th scope="col">role</th>${columns.map(([name]) => html`<th key=${name} scope="col">${name}</th>`)}<th scope="col">behind</th></tr></thead>
        <tbody>${servers.map((server) => html`<${Row} key=${server.address} server=${server} />`)}</tbody>
      </table>
    </section>
  `;
}

function Row({ server: { address, id, role, behind, answer } }: { readonly server: ListedServer }) {
  const cells =
    'trouble' in answer
      ? html`<td colspan=${columns.length} class="trouble">does not answer: ${answer.trouble}</td>`
      : columns.map(([name, of]) => html`<td key=${name}>${of(answer)}</td>`);
  return html`<tr><th scope="row">${id === undefined ? '' : `${id} · `}${address}</th><td>${role === 'alone' ? 'head and tail' : role}</td>${cells}<td>${groupedNumber(behind)}</td></tr>`;
}
