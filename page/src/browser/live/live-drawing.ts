import type { ListedServer } from '@tablelab/part4/live';
import { html } from 'htm/preact';
import type { LiveNow } from '../../dashboard/live-messages.ts';
import { layOut, zooKeeperHost } from '../chain-layout.ts';
import { Arrow, Link, ServerBox, ZooKeeperBox } from '../chain-parts.ts';
import { useWidth } from '../use-width.ts';
import { chainWord } from '../words/chain.ts';
import { liveServerWord } from '../words/live-servers.ts';
import { fixed } from '../words/numbers.ts';
import { chosen, now } from './live-source.ts';
import { shortNumber } from './number-text.ts';

/** The chain now: ZooKeeper above, the servers from head to tail, then those that wait to join. */
export function LiveDrawing() {
  const [holder, width] = useWidth();
  const live = now.value;
  return html`<section class="chain" aria-label=${chainWord.value.theChain} ref=${holder}>
    ${width > 0 && live !== undefined && html`<${Drawing} width=${width} live=${live} />`}
  </section>`;
}

function Drawing({ width, live }: { readonly width: number; readonly live: LiveNow }) {
  const { servers, zooKeeper } = live;
  const addresses = servers.map(({ address }) => address);
  const { boxes, height } = layOut(width, addresses, { clients: [], serversMax: servers.length });
  const members = servers.filter(({ id }) => id !== undefined);
  return html`
    <svg width=${width} height=${servers.length === 0 ? 80 : height} role="group" aria-label=${describe(live)}>
      <${Arrow} />
      ${members.slice(1).map((server, index) => {
        const from = members[index];
        // An arrow that nothing passes along: one of both servers is silent.
        const isCut = isSilent(server) || (from !== undefined && isSilent(from));
        return html`<${Link} key=${server.address} from=${boxes.get(from?.address ?? '')} to=${boxes.get(server.address)} isCut=${isCut} />`;
      })}
      <${ZooKeeperBox} box=${boxes.get(zooKeeperHost)} isUp=${zooKeeper.isUp} lines=${recordLines(live)} />
      ${servers.map((server) => html`<${Server} key=${server.address} box=${boxes.get(server.address)} server=${server} />`)}
    </svg>
  `;
}

function isSilent({ answer }: ListedServer): boolean {
  return 'trouble' in answer;
}

function recordLines({ zooKeeper: { view, record }, viewVersion }: LiveNow): string[] {
  const word = chainWord.value;
  return [
    viewVersion < 0 ? word.noView : word.viewIs(viewVersion, shortList(view, ' → ') || word.noServer),
    record === undefined ? word.noMembers : word.membersAre(shortList(record.members, ', ')),
  ];
}

/** As many as there is room for. */
const listedMax = 6;

function shortList(numbers: readonly number[], between: string): string {
  const shown = numbers.slice(0, listedMax).join(between);
  return numbers.length > listedMax ? `${shown}${between}…` : shown;
}

function Server({ box, server }: { readonly box: unknown; readonly server: ListedServer }) {
  const { address, role, id, answer } = server;
  const isChosen = chosen.value === address;
  const onChoose = () => {
    chosen.value = isChosen ? undefined : address;
  };
  const word = chainWord.value;
  const number = id === undefined ? word.noNumber : word.numberIs(id);
  const lines =
    'trouble' in answer
      ? [number, liveServerWord.value.doesNotAnswer]
      : [
          answer.viewVersion < 0 ? number : `${number}, ${word.viewNumber(answer.viewVersion)}`,
          `${word.received} ${shortNumber(answer.received)}`,
          `${word.executed} ${shortNumber(answer.executed)}`,
          `${word.stable} ${shortNumber(answer.stable)}`,
          answer.leaseMs > 0 ? `${word.lease} ${fixed(answer.leaseMs / 1_000, 1)} s` : word.noLease,
        ];
  const name = address.replace(/^.*(?=:\d+$)/, '');
  return html`<${ServerBox} ...${{ box, name, role, lines, isChosen, onChoose }} isSilent=${isSilent(server)} />`;
}

/** The drawing in words. */
function describe({ servers, zooKeeper }: LiveNow): string {
  const word = chainWord.value;
  const texts = servers.flatMap((server) => [
    word.isRole(server.address, server.role),
    ...(isSilent(server) ? [liveServerWord.value.isSilent(server.address)] : []),
  ]);
  return [...texts, zooKeeper.isUp ? word.zooKeeperRuns : liveServerWord.value.noConnection].join('; ');
}
