import { describeEffect } from '../../sim/trace.ts';
import type { ChainEffect, ChainEvent } from '../../src/core/effects.ts';
import { CoreScript } from './core-script.ts';

/**
 * A core whose effects are shown as the rules state them: what a rule leaves open looks the same for every solution. Links
 * are called `to-1`, `to-2` in the order in which they are dialled; texts for people are left out; a refused write shows its
 * code; each update has a line of its own, in whichever message it is sent. The lines are sorted.
 */
export class RuleScript extends CoreScript {
  /** The core's names of the links that it has dialled. */
  readonly dialled: string[] = [];

  override on(event: ChainEvent): string[] {
    this.core.handle('link' in event ? { ...event, link: this.#ownName(event.link) } : event, this.now);
    return this.core
      .takeEffects()
      .filter(({ type }) => type !== 'log')
      .flatMap((effect) => this.#lines(effect))
      .sort();
  }

  #ownName(link: string): string {
    return this.dialled[Number(/^to-(\d+)$/.exec(link)?.[1]) - 1] ?? link;
  }

  #lines(effect: ChainEffect): string[] {
    if (effect.type === 'dial') this.dialled.push(effect.link);
    const index = 'link' in effect ? this.dialled.indexOf(effect.link) : -1;
    const shown = index === -1 ? effect : { ...effect, link: `to-${index + 1}` };
    switch (shown.type) {
      case 'execute':
        return shown.updates.map((update) => describeEffect({ ...shown, updates: [update] }));
      case 'send': {
        const { message } = shown;
        if (message.type !== 'updates') return [describeEffect(shown)];
        return message.updates.map((update) =>
          describeEffect({ ...shown, message: { ...message, updates: [update] } }),
        );
      }
      case 'reply': {
        const { reply, token } = shown;
        return [reply.type === 'refused' ? `reply ${token} refused ${reply.code}` : describeEffect(shown)];
      }
      case 'close':
        return [`close link ${shown.link}`];
      case 'stop':
        return ['stop'];
      default:
        return [describeEffect(shown)];
    }
  }
}
