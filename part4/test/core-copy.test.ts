/** The state of a core is data: a core made from a copy behaves like the original. */
import t from 'tap';
import { fingerprint } from '../sim/exhaustive/fingerprint.ts';
import { runSeed } from '../sim/run-seed.ts';
import { ChainCore, type ChainCoreOptions } from '../src/core/chain-core.ts';
import { copyState } from '../src/core/chain-state.ts';
import type { ChainEffect, ChainEvent } from '../src/core/effects.ts';

const seeds = 40;
/** A copy is compared for this many events, then another one is made. */
const copyEvery = 50;

let compared = 0;
const copies = { copied: 0, cloned: 0 };

/** The core, together with a copy that gets the same events. */
class CoreWithCopy extends ChainCore {
  readonly #options: ChainCoreOptions;
  #copy: ChainCore;
  #events = 0;

  constructor(options: ChainCoreOptions) {
    super(options);
    this.#options = options;
    this.#copy = ChainCore.from(options, copyState(this.state));
  }

  override handle(event: ChainEvent, now: number): void {
    if (this.#events % copyEvery === 0) this.#copyAnew();
    this.#events += 1;
    super.handle(event, now);
    this.#copy.handle(event, now);
  }

  override takeEffects(): ChainEffect[] {
    const effects = super.takeEffects();
    const same = fingerprint(this.#copy.takeEffects()) === fingerprint(effects);
    if (!same) throw new Error('the copy of a core does something else');
    compared += 1;
    return effects;
  }

  /** Alternately a copy that shares immutable parts, and one that shares nothing. */
  #copyAnew(): void {
    const isClone = (this.#events / copyEvery) % 2 === 1;
    copies[isClone ? 'cloned' : 'copied'] += 1;
    const state = isClone ? structuredClone(this.state) : copyState(this.state);
    this.#copy = ChainCore.from(this.#options, state);
    if (fingerprint(this.#copy.state) !== fingerprint(this.state)) throw new Error('a copy differs');
  }
}

t.test(
  `a copied core and the original give the same effects for the same events, ${seeds} seeds`,
  async (t) => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { failure } = await runSeed({ seed, Core: CoreWithCopy });
      if (failure !== undefined) return t.fail(`seed ${seed}: ${failure}`);
    }
    t.ok(compared > 10_000 && copies.copied > 100 && copies.cloned > 100, `${compared} events were compared`);
  },
);

t.test('a copy does not change when the original continues', async (t) => {
  const options: ChainCoreOptions = {
    address: 'own:1',
    member: 'm'.repeat(16),
    newChain: 'c'.repeat(16),
    onTotalLoss: 'wait',
    totalLossGraceMs: 1_000,
    capacityBytes: 1_000_000,
  };
  const core = new ChainCore(options);
  core.handle({ type: 'session-started', session: '1'.repeat(16), timeoutMs: 1_000 }, 0);
  const copy = core.copy();
  const before = fingerprint(copy.state);
  core.handle({ type: 'heartbeat', session: '1'.repeat(16), sentAt: 0 }, 0);
  core.handle({ type: 'session-ended', detail: 'expired' }, 1);
  t.equal(fingerprint(copy.state), before);
  t.not(fingerprint(core.state), before);
});
