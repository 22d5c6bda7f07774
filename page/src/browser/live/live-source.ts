import { batch, signal } from '@preact/signals';
import {
  keptMs,
  type LiveEvent,
  type LiveMessage,
  type LiveNow,
  type LivePoint,
} from '../../dashboard/live-messages.ts';

/** What the server has told, and whether it still does. */

export const connection = signal<'loading' | 'open' | 'lost'>('loading');
export const now = signal<LiveNow | undefined>(undefined);
export const points = signal<readonly LivePoint[]>([]);
export const events = signal<readonly LiveEvent[]>([]);

/** Whether the server can do something to the chain's processes. */
export const hasControls = signal(false);

/** The address of the chosen server. */
export const chosen = signal<string | undefined>(undefined);

/** How long a browser that has given up waits before this page tries again, in milliseconds. */
const reconnectMs = 2_000;

export function listen(): void {
  const source = new EventSource('api/live');
  source.onmessage = ({ data }: MessageEvent<string>) => take(JSON.parse(data) as LiveMessage);
  source.onerror = () => {
    connection.value = 'lost';
    // After some errors, a browser does not try again.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, reconnectMs);
  };
}

function take(message: LiveMessage): void {
  batch(() => {
    connection.value = 'open';
    now.value = message.now;
    const since = message.now.at - keptMs;
    const isKept = ({ at }: { readonly at: number }) => at >= since;
    if (message.type === 'snapshot') {
      points.value = message.points;
      hasControls.value = message.controls;
      events.value = message.events;
      return;
    }
    if (message.point !== undefined) points.value = [...points.value, message.point].filter(isKept);
    if (message.events.length > 0) events.value = [...events.value, ...message.events].filter(isKept);
  });
}
