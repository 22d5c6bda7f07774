import type { ChainEffect, ChainEvent } from '../src/core/effects.ts';
import type { ChainMessage } from '../src/core/messages.ts';
import { describeUpdate } from './history-tree.ts';

/** Formats an event on one line. */
export function describeEvent(event: ChainEvent): string {
  switch (event.type) {
    case 'message':
      return `${event.link} ${describeMessage(event.message)}`;
    case 'directory': {
      const { joining, view, record, recordVersion } = event.directory;
      const ids = (servers: readonly { id: number; session: string }[]) =>
        servers.map(({ id, session }) => `${id}/${session.slice(0, 4)}`).join(',');
      const members = record?.members.map(({ id, member }) => `${id}/${member.slice(0, 4)}`).join(',');
      const of = record && `${record.serial} of view ${record.view}: ${members}`;
      return `directory view ${view.version}: ${ids(view.servers)}; waiting ${ids(joining)}; record ${recordVersion}, ${of}`;
    }
    case 'write': {
      const { op, key, client, request } = event.write;
      return `write ${event.token} ${op} ${key} ${client}/${request}`;
    }
    case 'chunk':
      return `chunk ${event.link} at ${event.executed}, next ${event.next}`;
    case 'log-read':
      return `log-read ${event.link} ${event.updates.map(({ epoch, seq }) => `${epoch}:${seq}`).join(' ')}`;
    default:
      return describePlain(event);
  }
}

/** Formats an effect on one line. */
export function describeEffect(effect: ChainEffect): string {
  switch (effect.type) {
    case 'execute':
      return `execute ${effect.updates.map(describeUpdate).join(', ')}`;
    case 'send':
      return `${effect.link} ${describeMessage(effect.message)}`;
    case 'load':
      return `load ${effect.entries.length} bytes`;
    case 'reply': {
      const { reply } = effect;
      const name = 'name' in reply ? ` ${reply.name.epoch}:${reply.name.seq}` : ` ${reply.detail}`;
      return `reply ${effect.token} ${reply.type}${name}`;
    }
    case 'change-directory':
      return `change ${JSON.stringify(effect.change)}`;
    default:
      return describePlain(effect);
  }
}

/** Formats a message between servers on one line. */
export function describeMessage(message: ChainMessage): string {
  switch (message.type) {
    case 'updates':
      return `updates ${message.updates.map(({ epoch, seq }) => `${epoch}:${seq}`).join(' ')}`;
    case 'chunk':
      return `chunk of ${message.entries.length} bytes`;
    case 'snapshot':
      return `snapshot from ${message.seq}, ${message.sessions.length} sessions as of ${message.sessionsSeq}`;
    default:
      return describePlain(message);
  }
}

function describePlain({
  type,
  ...fields
}: {
  readonly type: string;
  readonly [name: string]: unknown;
}): string {
  const texts = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
  return [type, ...texts].join(' ');
}
