import { batch, signal } from '@preact/signals';
import {
  keptMs,
  type LiveEvent,
  type LiveMessage,
  type LiveNow,
  type LivePoint,
} from '../../dashboard/live-messages.ts';
import { followInSight } from '../in-sight.ts';

/** What the server has told, and whether it still does. */

export const connection = signal<'loading' | 'open' | 'lost'>('loading');
export const now = signal<LiveNow | undefined>(undefined);
export const points = signal<readonly LivePoint[]>([]);
export const events = signal<readonly LiveEvent[]>([]);

/** Whether the server can do something to the chain's processes. */
export const hasControls = signal(false);

/** The operations a second that `npm start` makes, whoever has asked for them. */
export const load = signal(0);

/** The address of the chosen server. */
export const chosen = signal<string | undefined>(undefined);

/** How long a browser that has given up waits before this page tries again, in milliseconds. */
const reconnectMs = 2_000;

/** The server tells something twice a second, or later while a server of the chain does not answer; in milliseconds. */
const silenceMsMax = 10_000;

/** Follows what the server tells. One that has stopped without closing its connections is lost, too. */
export function listen(): void {
  followInSight(() => {
    let source: EventSource | undefined;
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const connectIn = (ms: number) => {
      clearTimeout(waiting);
      waiting = setTimeout(connect, ms);
    };
    const connect = () => {
      if (source !== undefined) connection.value = 'lost';
      source?.close();
      const one = new EventSource('api/live');
      source = one;
      connectIn(silenceMsMax);
      one.onmessage = ({ data }: MessageEvent<string>) => {
        connectIn(silenceMsMax);
        take(JSON.parse(data) as LiveMessage);
      };
      one.onerror = () => {
        connection.value = 'lost';
        // After some errors, a browser does not try again.
        if (one.readyState === EventSource.CLOSED) connectIn(reconnectMs);
      };
    };
    connect();
    return () => {
      clearTimeout(waiting);
      source?.close();
    };
  });
}

function take(message: LiveMessage): void {
  batch(() => {
    connection.value = 'open';
    now.value = message.now;
    load.value = message.load;
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
