import { html } from 'htm/preact';
import { answerMs, knownNoOrder, NoOrder } from './no-order.ts';
import { bounds, goTo, pause, position, recording } from './player.ts';
import type { Flight, OperationPicture, Recording, ServerPicture } from './recording.ts';
import { letterPx, placeAt, rowsOf, windowAround } from './space-time-layout.ts';
import { useWidth } from './use-width.ts';
import { chainWord } from './words/chain.ts';
import { messageWord } from './words/messages.ts';
import { fixed } from './words/numbers.ts';
import { playgroundWord } from './words/playground.ts';

/** In pixels. */
const frameWidth = 22;
const namesWidth = 76;
const laneHeight = 34;
const top = 26;
const barHeight = 16;

/** A message on its way for a smaller part of the time between two frames is too short to be seen. */
const visibleFrames = 0.05;

/**
 * A line for each machine, time from left to right: messages go from line to line, a server's line shows its role, a client's line its
 * operations.
 */
export function SpaceTime() {
  const [holder, width] = useWidth();
  const { value } = recording;
  const { legend } = playgroundWord.value;
  return html`
    <section class="space-time" aria-label=${playgroundWord.value.diagram} ref=${holder}>
      ${value !== undefined && width > 0 && html`<${Diagram} recording=${value} width=${width} />`}
      <p class="legend quiet">
        <span><span class="sign bar" aria-hidden="true"></span> ${legend.operation}</span>
        <span><span aria-hidden="true">✕</span> ${legend.doesNotHappen}</span> <span><span aria-hidden="true">?</span> ${legend.nobodyKnows}</span>
        <span><span class="sign dashes" aria-hidden="true"></span> ${legend.fault}</span>
        <span><span class="sign dots" aria-hidden="true"></span> ${legend.view}</span>
        ${knownNoOrder.value.length > 0 && html`<span><span aria-hidden="true">⚠</span> ${legend.noOrder}</span>`}
      </p>
      <${NoOrder} />
    </section>
  `;
}

interface DiagramProps {
  readonly recording: Recording;
  readonly width: number;
}

function Diagram({ recording, width }: DiagramProps) {
  const { frames, flights, hosts, operations, faults } = recording;
  const oddOnes = new Set(knownNoOrder.value);
  const known = bounds.value.last;
  const knownMs = (frames[known]?.nowMs ?? 0) + answerMs;
  const count = Math.max(4, Math.floor((width - namesWidth) / frameWidth));
  const { first, last } = windowAround(position.value, known + 1, count);
  const x = (place: number) => namesWidth + (place - first + 0.5) * frameWidth;
  const laneOf = (host: string) => top + (hosts.indexOf(host) + 0.5) * laneHeight;
  const right = x(last) + frameWidth / 2;
  const height = top + hosts.length * laneHeight + 6;
  const fromMs = frames[first]?.nowMs ?? 0;
  const toMs = frames[last]?.nowMs ?? 0;
  const inWindow = (startMs: number, endMs: number) => startMs <= toMs && endMs >= fromMs;
  const place = (ms: number) => Math.max(first - 0.5, Math.min(placeAt(frames, ms), last + 0.5));
  /** In a long pause, hundreds of ZooKeeper's messages would be one block of colour. */
  const isInPause = ({ kind, sentMs, arrivedMs }: Flight) =>
    kind === 'object' && place(arrivedMs) - place(sentMs) < visibleFrames;
  const go = (event: MouseEvent) => {
    const { left } = (event.currentTarget as SVGElement).getBoundingClientRect();
    pause();
    goTo(
      Math.max(first, Math.min(first + Math.floor((event.clientX - left - namesWidth) / frameWidth), last)),
    );
  };
  return html`
    <svg width=${width} height=${height} role="img" aria-label=${playgroundWord.value.machines(hosts.length, fixed(fromMs, 0), fixed(toMs, 0))} onClick=${go}>
      ${hosts.map((host) => html`<g key=${host}><text x="0" y=${laneOf(host) + 4}>${host === 'zk' ? 'ZooKeeper' : host}</text><path class="lane" d=${`M${namesWidth} ${laneOf(host)}H${right}`} /></g>`)}
      ${rolesIn(recording, first, last).map(({ host, role, from, to }) => html`<rect key=${`${host} ${from}`} class=${`role ${role}`} x=${x(from) - frameWidth / 2} y=${laneOf(host) - 7} width=${(to - from + 1) * frameWidth} height="14"><title>${`${host}: ${chainWord.value.roles[role]}`}</title></rect>`)}
      ${faults.filter((at) => at >= first && at <= last).map((at) => html`<path key=${`fault ${at}`} class="fault" d=${`M${x(at)} ${top}V${height}`}><title>${playgroundWord.value.legend.fault}</title></path>`)}
      ${viewsIn(recording, first, last).map(({ at, version }) => html`<g key=${`view ${at}`} class="view"><path d=${`M${x(at)} 16V${height}`} /><text x=${x(at)} y="12" text-anchor="middle">${chainWord.value.viewNumber(version)}</text></g>`)}
      ${flights.filter((flight) => flight.firstFrame <= known && inWindow(flight.sentMs, flight.arrivedMs) && !isRoutine(flight) && !isInPause(flight)).map((flight, index) => html`<${Arrow} key=${index} flight=${flight} from=${{ x: x(place(flight.sentMs)), y: laneOf(flight.from) }} to=${{ x: x(place(flight.arrivedMs)), y: laneOf(flight.to) }} />`)}
      ${hosts.flatMap((host) => {
        const own = operations.filter(({ client }) => client === host);
        const rows = rowsOf(own);
        return own.map((operation, index) => {
          const { callMs } = operation;
          const endMs = operation.endMs ?? operation.returnMs ?? Number.POSITIVE_INFINITY;
          if (callMs > knownMs || !inWindow(callMs, endMs)) return undefined;
          const y = laneOf(host) - barHeight / 2 + (rows[index] ?? 0) * 5;
          return html`<${Bar} key=${`${host} ${index}`} operation=${operation} isOdd=${oddOnes.has(operation)} isOver=${endMs <= knownMs} left=${x(place(callMs))} right=${x(place(Math.min(endMs, knownMs)))} room=${x(place(own[index + 1]?.callMs ?? toMs)) - x(place(callMs))} y=${y} />`;
        });
      })}
      <path class="now" d=${`M${x(position.value)} ${top - 6}V${height}`} />
    </svg>
  `;
}

/** Messages that only show that the other end is alive; in a pause of the run, they would hide all else. */
const routine = ['keepalive', 'ping', 'pong'];

function isRoutine({ names }: Flight): boolean {
  return names.every((name) => routine.includes(name));
}

type Point = { readonly x: number; readonly y: number };

function Arrow({ flight, from, to }: { readonly flight: Flight; readonly from: Point; readonly to: Point }) {
  const about = `${playgroundWord.value.fromTo(flight.from, flight.to)}\n${flight.text}`;
  if (flight.isLost) {
    // It is lost on its way, so its line does not reach the receiver's.
    const lostAt = { x: to.x, y: (from.y + to.y) / 2 };
    return html`
      <g class="flight lost">
        <title>${`${about}\n${messageWord.value.lostAt} ${fixed(flight.arrivedMs, 1)} ms`}</title>
        <path class=${`way ${flight.kind}`} d=${`M${from.x} ${from.y}L${lostAt.x} ${lostAt.y}`} />
        <text x=${lostAt.x} y=${lostAt.y + 4} text-anchor="middle">✕</text>
      </g>
    `;
  }
  return html`
    <g class=${`flight ${flight.kind}`}>
      <title>${about}</title>
      <path class=${`way ${flight.kind}`} d=${`M${from.x} ${from.y}L${to.x} ${to.y}`} />
      <circle cx=${to.x} cy=${to.y} r="2.5" />
    </g>
  `;
}

const outcomeSigns = { ok: '', 'may-have-happened': '? ', 'did-not-happen': '✕ ' };

interface BarProps {
  readonly operation: OperationPicture;
  /** The client waits for it no more. Until then, what became of it would be said too early. */
  readonly isOver: boolean;
  /** It is in the part of the history for which no order exists. */
  readonly isOdd: boolean;
  readonly left: number;
  readonly right: number;
  /** Until the client's next call. */
  readonly room: number;
  readonly y: number;
}

function Bar({ operation: { text, outcome }, isOdd, isOver, left, right, room, y }: BarProps) {
  const width = Math.max(right - left, barHeight);
  const sign = isOdd ? '⚠' : isOver ? outcomeSigns[outcome].trim() : '';
  const shown = isOver ? `${isOdd ? '⚠ ' : ''}${outcomeSigns[outcome]}${text}` : text.replace(/ -> .*$/, '');
  const textWidth = shown.length * letterPx;
  const fits = textWidth < width;
  const fitsBeside = !fits && width + textWidth < room;
  return html`
    <g class="operation">
      <title>${shown}</title>
      <rect class=${`operation-box ${isOver ? outcome : 'ok'}${isOdd ? ' odd' : ''}`} x=${left} y=${y} width=${width} height=${barHeight} rx="3" />
      ${fits && html`<text x=${left + 4} y=${y + 12}>${shown}</text>`}
      ${fitsBeside && html`<text x=${left + width + 3} y=${y + 12}>${shown}</text>`}
      ${!fits && !fitsBeside && sign !== '' && html`<text x=${left + width / 2} y=${y + 12} text-anchor="middle">${sign}</text>`}
    </g>
  `;
}

interface Role {
  readonly host: string;
  readonly role: ServerPicture['role'] | 'paused';
  readonly from: number;
  to: number;
}

/** The roles of each server, from frame to frame. */
function rolesIn({ frames }: Recording, first: number, last: number): Role[] {
  const roles: Role[] = [];
  const open = new Map<string, Role>();
  for (let at = first; at <= last; at += 1) {
    for (const { host, role, isFrozen } of frames[at]?.servers ?? []) {
      const shown: Role['role'] = isFrozen ? 'paused' : role;
      const before = open.get(host);
      if (before?.role === shown && before.to === at - 1) before.to = at;
      else {
        const begun = { host, role: shown, from: at, to: at };
        roles.push(begun);
        open.set(host, begun);
      }
    }
  }
  return roles;
}

function viewsIn({ frames }: Recording, first: number, last: number): { at: number; version: number }[] {
  const views: { at: number; version: number }[] = [];
  for (let at = Math.max(first, 1); at <= last; at += 1) {
    const version = frames[at]?.zooKeeper.viewVersion ?? -1;
    if (version >= 0 && version !== frames[at - 1]?.zooKeeper.viewVersion) views.push({ at, version });
  }
  return views;
}
