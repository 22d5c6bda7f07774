import { html } from 'htm/preact';
import { type Box, sessionBoxes } from './chain-layout.ts';
import type { SessionPicture } from './recording.ts';
import { sessionWord } from './words/sessions.ts';

interface SessionsProps {
  readonly box: Box;
  readonly sessions: readonly SessionPicture[];
}

/** A session that lasts so long has a full bar, in milliseconds: the time-out of all runs. */
const fullMs = 1_000;
/** Around a session's text. */
const insetPx = 6;

/** The sessions that ZooKeeper holds, in its box: whose each is, and how long it lasts if nothing more is heard. */
export function Sessions({ box, sessions }: SessionsProps) {
  const boxes = sessionBoxes(box, sessions.length);
  return html`
    <g class="sessions">
      ${sessions.map(({ id, host, leftMs }, index) => {
        const { x = 0, y = 0, width = 0, height = 0 } = boxes[index] ?? {};
        const room = width - 2 * insetPx;
        const bar = Math.min(1, leftMs / fullMs) * room;
        const bottom = y + height - 8;
        return html`
          <g key=${id}>
            <title>${`${sessionWord.value.session(host, id)}, ${sessionWord.value.left(leftMs)}`}</title>
            <text class="session" x=${x + insetPx} y=${y + 13}>${host} ${id}</text>${' '}
            <text class="session" x=${x + width - insetPx} y=${y + 13} text-anchor="end">${leftMs} ms</text>
            <path class="whole" d=${`M${x + insetPx} ${bottom}h${room}`} />
            <path class=${leftMs < fullMs / 4 ? 'left short' : 'left'} d=${`M${x + insetPx} ${bottom}h${bar}`} />
          </g>
        `;
      })}
    </g>
  `;
}

/** The same as fields of a table. */
export function sessionFields(sessions: readonly SessionPicture[]): Record<string, string> {
  const word = sessionWord.value;
  return Object.fromEntries(
    sessions.map(({ id, host, leftMs }) => [word.session(host, id), word.left(leftMs)]),
  );
}
