import { html } from 'htm/preact';
import type { Box } from './chain-layout.ts';
import { betweenBoxes } from './chain-parts.ts';
import { isHighlightedFlight } from './highlight.ts';
import { drag, dragHandlers, isEndOfDrag } from './message-drag.ts';
import { isSame } from './opened-message.ts';
import { opened } from './player.ts';
import type { Flight } from './recording.ts';
import { messageWord } from './words/messages.ts';
import { playgroundWord } from './words/playground.ts';

interface MessageProps {
  readonly flight: Flight;
  /** Of its way, from 0 to 1. */
  readonly part: number;
  readonly from?: Box;
  readonly to?: Box;
  readonly hasLabel: boolean;
}

/** How far from the line between two boxes a message moves: on the left of its way, so that both directions are apart. */
const besidePx = 9;
/** A message that has just left is drawn beside the box, and not on it. */
const leastPart = 0.15;
/** A finger needs more room than the sign has. */
const touchPx = 12;

/** A message on its way between two boxes of the drawing, which can be opened and dragged. */
export function Message({ flight, part, from, to, hasLabel }: MessageProps) {
  if (from === undefined || to === undefined) return undefined;
  const [start, end] = betweenBoxes(from, to);
  const across = end.x - start.x;
  const down = end.y - start.y;
  const length = Math.hypot(across, down) || 1;
  const aside = { x: (down / length) * besidePx, y: (-across / length) * besidePx };
  const shown = Math.max(leastPart, Math.min(part, 1 - leastPart));
  const { value } = drag;
  const isDragged = value?.flight === flight;
  const { x, y } = isDragged
    ? value
    : { x: start.x + across * shown + aside.x, y: start.y + down * shown + aside.y };
  const anchor = Math.abs(aside.x) < besidePx / 2 ? 'middle' : aside.x > 0 ? 'start' : 'end';
  const isOpen = isSame(flight, opened.value);
  const toggle = () => {
    opened.value = isOpen ? undefined : flight;
  };
  const onClick = () => {
    if (!isEndOfDrag()) toggle();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    toggle();
    // Those who do not see the pane would not find it.
    if (!isOpen) requestAnimationFrame(() => document.querySelector<HTMLElement>('#message')?.focus());
  };
  return html`
    <g class=${isOpen ? 'mark open' : 'mark'} role="button" tabindex="0" aria-pressed=${isOpen} onClick=${onClick} onKeyDown=${onKeyDown} ...${dragHandlers(flight, { start, end, to })}>
      <title>${`${playgroundWord.value.fromTo(flight.from, flight.to)}\n${flight.text}`}</title>
      <circle class="touch" cx=${x} cy=${y} r=${touchPx} />
      ${isHighlightedFlight(flight) && html`<circle class="ring" cx=${x} cy=${y} r="10" />`}
      ${flight.kind === 'bytes' && html`<circle class="message" cx=${x} cy=${y} r="5" />`}
      ${flight.kind === 'object' && html`<rect class="message object" x=${x - 4} y=${y - 4} width="8" height="8" />`}
      ${flight.kind === 'closed' && html`<text class="message" aria-hidden="true" x=${x} y=${y + 5} text-anchor="middle">✕</text>`}
      ${hasLabel && flight.kind === 'bytes' && !isDragged && html`<text class="label" aria-hidden="true" x=${x + aside.x} y=${y + 4 + aside.y * 1.4} text-anchor=${anchor}>${labelOf(flight)}</text>`}
      ${isDragged && value.goal !== undefined && html`<text class="label" aria-hidden="true" x=${x} y=${y - 14} text-anchor="middle">${value.goal === 'deliver' ? messageWord.value.dragDeliver : messageWord.value.dragDrop}</text>`}
    </g>
  `;
}

/** What was written at once, by its first message. */
function labelOf({ names: [first = '', ...others] }: Flight): string {
  return others.length === 0 ? first : `${first} +${others.length}`;
}
