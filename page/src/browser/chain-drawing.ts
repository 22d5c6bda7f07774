import { html } from 'htm/preact';
import { type Box, layOut, zooKeeperHost } from './chain-layout.ts';
import { Arrow, betweenBoxes, Link, ServerBox, ZooKeeperBox } from './chain-parts.ts';
import { goneServersAt } from './gone-servers.ts';
import { highlightedPaths, highlightTexts, isHighlighted, isHighlightedFlight } from './highlight.ts';
import { Message } from './message-mark.ts';
import { chosen, frame, position, recording } from './player.ts';
import {
  type Flight,
  type Frame,
  flightsAt,
  type ServerPicture,
  type ZooKeeperPicture,
} from './recording.ts';
import { Terms } from './terms.ts';
import { useWidth } from './use-width.ts';
import { chainWord } from './words/chain.ts';
import { playgroundWord } from './words/playground.ts';
import { sessionWord } from './words/sessions.ts';
import { Sessions } from './zookeeper-sessions.ts';

/** The chain in the present frame: ZooKeeper above, the servers from head to tail, the clients, and what is under way between them. */
export function ChainDrawing() {
  const [holder, width] = useWidth();
  return html`<section class="chain" aria-label=${chainWord.value.theChain} ref=${holder}>${width > 0 && html`<${Drawing} width=${width} />`}</section>`;
}

function Drawing({ width }: { readonly width: number }) {
  const now = frame.value;
  const shown = recording.value;
  if (now === undefined || shown === undefined) return undefined;
  const hosts = now.servers.map(({ host }) => host);
  const gone = goneServersAt(shown, position.value);
  const machines = [...hosts, ...gone];
  const serversMax = Math.max(shown.serversMax, machines.length);
  const { boxes, height } = layOut(width, machines, {
    clients: shown.clients,
    serversMax,
    sessionsMax: shown.sessionsMax,
  });
  const box = (host: string) => boxes.get(host);
  const members = now.servers.filter(({ role }) => role !== 'joining');
  const flights = flightsAt(shown, position.value);
  const { legend } = playgroundWord.value;
  /** Of those on one way, only the one that arrives next has a label, so that labels do not lie on each other. */
  const isFirst = ({ from, to, sentMs }: Flight) =>
    flights.every(({ flight }) => flight.from !== from || flight.to !== to || flight.sentMs >= sentMs);
  return html`
    <svg width=${width} height=${height} role="group" aria-label=${describe(now)}>
      <${Arrow} />
      ${highlightedPaths().map(({ from, to }) => html`<${Path} key=${`path ${from} ${to}`} from=${box(from)} to=${box(to)} />`)}
      ${members.slice(1).map((server, index) => {
        const { host } = server;
        const predecessor = members[index];
        const from = predecessor?.host ?? '';
        if (!isNextIn(now.zooKeeper.view, predecessor, server)) return undefined;
        return html`<${Link} key=${host} from=${box(from)} to=${box(host)} isCut=${isCut(now, from, host)} />`;
      })}
      ${now.cuts.length > 0 && now.servers.filter(({ host }) => isCut(now, host, zooKeeperHost)).map(({ host }) => html`<${Link} key=${`zk${host}`} from=${box(zooKeeperHost)} to=${box(host)} isCut=${true} />`)}
      ${[...boxes].map(([host, place]) => isHighlighted(host) && html`<${Ring} key=${`ring ${host}`} box=${place} />`)}
      <${ZooKeeper} box=${box(zooKeeperHost)} frame=${now} />
      ${now.servers.map((server, index) => html`<${Server} key=${server.name} box=${box(server.host)} server=${server} leaseMs=${now.leases[index] ?? 0} />`)}
      ${gone.map((host) => html`<${Gone} key=${`gone ${host}`} host=${host} box=${box(host)} />`)}
      ${shown.clients.map((name) => html`<${Client} key=${name} name=${name} box=${box(name)} />`)}
      ${flights.map(({ flight, part }) => html`<${Message} key=${`message ${flight.number}`} flight=${flight} part=${part} from=${box(flight.from)} to=${box(flight.to)} hasLabel=${isFirst(flight) || isHighlightedFlight(flight)} />`)}
    </svg>
    ${now.servers.length === 0 && html`<p class="quiet">${playgroundWord.value.noServerRuns}</p>`}
    <p class="legend quiet"><span><span class="sign bytes" aria-hidden="true"></span> ${legend.bytes}</span> <span><span class="sign object" aria-hidden="true"></span> ${legend.object}</span> <span><span aria-hidden="true">✕</span> ${legend.closed}</span>${highlightTexts().length > 0 && html` <span><span class="sign ring" aria-hidden="true"></span> ${legend.about}</span>`}</p>
    <${Terms} />
  `;
}

/** False if ZooKeeper's view still has one between them that has ended: they are not linked yet. */
function isNextIn(view: readonly number[], one: ServerPicture | undefined, next: ServerPicture): boolean {
  const [place, nextPlace] = [view.indexOf(one?.id ?? -1), view.indexOf(next.id ?? -1)];
  return place === -1 || nextPlace === -1 || nextPlace === place + 1;
}

function isCut({ cuts }: Frame, one: string, other: string): boolean {
  return cuts.includes(`${one}>${other}`) || cuts.includes(`${other}>${one}`);
}

/** The drawing in words. */
function describe({ servers, zooKeeper, sessions }: Frame): string {
  const word = chainWord.value;
  const texts = servers.map(
    ({ name, role, isFrozen }) => `${word.isRole(name, role)}${isFrozen ? `, ${word.paused}` : ''}`,
  );
  const about = highlightTexts();
  return [
    ...texts,
    zooKeeper.isUp ? word.zooKeeperRuns : word.zooKeeperIsDown,
    ...(zooKeeper.stalled > 0 ? [sessionWord.value.stalled(zooKeeper.stalled)] : []),
    sessionWord.value.hold(sessions.map(({ host }) => host).join(', ')),
    ...(about.length > 0 ? [playgroundWord.value.aboutStep(about.join(', '))] : []),
  ].join('; ');
}

/** Where a server ran that runs no more. */
function Gone({ host, box }: { readonly host: string; readonly box?: Box }) {
  if (box === undefined) return undefined;
  const { x, y, width } = box;
  return html`
    <g class="gone">
      <rect ...${box} rx="8" />
      <text x=${x + 10} y=${y + 22}>${playgroundWord.value.notRunning}</text>${' '}
      <text x=${x + width - 10} y=${y + 22} text-anchor="end">${host}</text>
    </g>
  `;
}

/** How far a ring is from the box in it. */
const ringPx = 5;

/** Around what the step of a lesson is about. */
function Ring({ box: { x, y, width, height } }: { readonly box: Box }) {
  return html`<rect class="ring" x=${x - ringPx} y=${y - ringPx} width=${width + 2 * ringPx} height=${height + 2 * ringPx} rx=${8 + ringPx} />`;
}

/** A way between two machines that the step of a lesson is about. */
function Path({ from, to }: { readonly from?: Box; readonly to?: Box }) {
  if (from === undefined || to === undefined) return undefined;
  const [start, end] = betweenBoxes(from, to);
  return html`<path class="path" d=${`M${start.x} ${start.y}L${end.x} ${end.y}`} />`;
}

function ZooKeeper({ box, frame: { zooKeeper, sessions } }: { readonly box?: Box; readonly frame: Frame }) {
  if (box === undefined) return undefined;
  const { view, members } = recordTexts(zooKeeper);
  const lines = [
    view,
    zooKeeper.stalled === 0 ? members : `${members} · ${sessionWord.value.stalled(zooKeeper.stalled)}`,
  ];
  return html`<${ZooKeeperBox} box=${box} isUp=${zooKeeper.isUp} lines=${lines} /><${Sessions} box=${box} sessions=${sessions} />`;
}

/** What ZooKeeper has on record, in a few words; before the first view, its version is -1. */
function recordTexts({ view, viewVersion, members }: ZooKeeperPicture): { view: string; members: string } {
  const word = chainWord.value;
  return {
    view: viewVersion < 0 ? word.noView : word.viewIs(viewVersion, view.join(' → ') || word.noServer),
    members: members.length === 0 ? word.noMembers : word.membersAre(members.join(', ')),
  };
}

interface ServerProps {
  readonly box?: Box;
  readonly server: ServerPicture;
  readonly leaseMs: number;
}

function Server({ box, server, leaseMs }: ServerProps) {
  const { name, role, id, received, executed, stable, isFrozen } = server;
  const isChosen = chosen.value === name;
  const onChoose = () => {
    chosen.value = isChosen ? undefined : name;
  };
  const word = chainWord.value;
  const lines = [
    isFrozen ? word.paused : id === undefined ? word.noNumber : word.numberIs(id),
    `${word.received} ${received}`,
    `${word.executed} ${executed}`,
    `${word.stable} ${stable}`,
    leaseMs > 0 ? `${word.lease} ${leaseMs} ms` : word.noLease,
  ];
  return html`<${ServerBox} ...${{ box, name, role, lines, isChosen, onChoose }} isSilent=${isFrozen} />`;
}

function Client({ name, box }: { readonly name: string; readonly box?: Box }) {
  if (box === undefined) return undefined;
  return html`
    <g class="client">
      <rect ...${box} rx="14" />
      <text x=${box.x + box.width / 2} y=${box.y + 19} text-anchor="middle">${name}</text>
    </g>
  `;
}
