import { html } from 'htm/preact';
import type { Box } from './chain-layout.ts';
import { chainWord, type Role } from './words/chain.ts';

/** The parts of a drawing of the chain, which look the same in simulated and in real time. */

/** What a link ends in; once in each drawing. */
export function Arrow() {
  return html`
    <defs>
      <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
        <path d="M0 0 8 4 0 8z" class="arrow" />
      </marker>
    </defs>
  `;
}

interface LinkProps {
  readonly from?: Box;
  readonly to?: Box;
  readonly isCut: boolean;
}

export function Link({ from, to, isCut }: LinkProps) {
  if (from === undefined || to === undefined) return undefined;
  const [start, end] = betweenBoxes(from, to);
  const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 };
  return html`
    <g class=${isCut ? 'link cut' : 'link'}>
      <path d=${`M${start.x} ${start.y}L${end.x} ${end.y}`} marker-end=${isCut ? undefined : 'url(#arrow)'} />
      ${isCut && html`<text x=${middle.x} y=${middle.y + 5} text-anchor="middle">✕</text>`}
    </g>
  `;
}

interface ZooKeeperBoxProps {
  readonly box?: Box;
  readonly isUp: boolean;
  /** Two, below the name. */
  readonly lines: readonly string[];
}

export function ZooKeeperBox({ box, isUp, lines }: ZooKeeperBoxProps) {
  if (box === undefined) return undefined;
  const middle = box.x + box.width / 2;
  return html`
    <g class=${isUp ? 'zookeeper' : 'zookeeper down'}>
      <rect ...${box} rx="8" />
      <text x=${middle} y=${box.y + 19} text-anchor="middle" class="name">${isUp ? 'ZooKeeper' : chainWord.value.zooKeeperIsDown}</text>
      ${lines.map((line, index) => html`<text key=${index} x=${middle} y=${box.y + 37 + 18 * index} text-anchor="middle">${line}</text>`)}
    </g>
  `;
}

interface ServerBoxProps {
  readonly box?: Box;
  readonly name: string;
  readonly role: Role;
  /** Five, below role and name. */
  readonly lines: readonly string[];
  /** It is paused, or does not answer. */
  readonly isSilent: boolean;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

export function ServerBox({ box, name, role, lines, isSilent, isChosen, onChoose }: ServerBoxProps) {
  if (box === undefined) return undefined;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onChoose();
  };
  const classes = ['server', role, isSilent && 'frozen', isChosen && 'chosen'].filter(Boolean).join(' ');
  // The spaces between the texts separate the words for those who hear them.
  const left = box.x + 10;
  const line = (count: number) => box.y + 22 + 19 * count;
  return html`
    <g class=${classes} role="button" tabindex="0" aria-pressed=${isChosen} onClick=${onChoose} onKeyDown=${onKeyDown}>
      <rect ...${box} rx="8" />
      <text x=${left} y=${line(0)} class="name">${chainWord.value.boxRoles[role]}</text>${' '}
      <text x=${box.x + box.width - 10} y=${line(0)} text-anchor="end">${name}</text>
      ${lines.map((text, index) => html`${' '}<text x=${left} y=${line(index + 1)}>${text}</text>`)}
    </g>
  `;
}

type Point = { readonly x: number; readonly y: number };

/** Where the line between the middles of two boxes leaves the one and reaches the other. */
export function betweenBoxes(from: Box, to: Box): [Point, Point] {
  return [edge(from, middleOf(to)), edge(to, middleOf(from))];
}

function middleOf({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function edge(box: Box, towards: Point): Point {
  const middle = middleOf(box);
  const across = towards.x - middle.x;
  const down = towards.y - middle.y;
  const part = Math.min(box.width / 2 / Math.abs(across), box.height / 2 / Math.abs(down), 1);
  return { x: middle.x + across * part, y: middle.y + down * part };
}
