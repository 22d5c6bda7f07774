import { html } from 'htm/preact';
import { editPlaces } from './edits.ts';
import {
  bounds,
  frame,
  goTo,
  isPlaying,
  pause,
  position,
  recording,
  speed,
  speeds,
  stepBy,
  togglePlay,
} from './player.ts';
import { fixed } from './words/numbers.ts';
import { playgroundWord } from './words/playground.ts';

/** Where the run is, and how to go elsewhere. */
export function TimeLine() {
  const word = playgroundWord.value;
  const { first, last } = bounds.value;
  const { nowMs = 0, step = 0 } = frame.value ?? {};
  const { faults = [] } = recording.value ?? {};
  const nextFault = faults.find((place) => place > position.value);
  const slide = (event: InputEvent) => {
    pause();
    goTo((event.target as HTMLInputElement).valueAsNumber);
  };
  const choose = (event: Event) => {
    speed.value = Number((event.target as HTMLSelectElement).value);
  };
  return html`
    <section class="time" aria-label=${word.time}>
      <div class="faults" aria-hidden="true">
        <svg viewBox="0 0 1000 10" preserveAspectRatio="none">
          ${faults.map((place) => html`<path key=${place} d=${`M${(1000 * place) / Math.max(1, last)} 0v10`} />`)}
          ${editPlaces.value.map((place, index) => html`<path key=${`edit ${index}`} class="edit" d=${`M${(1000 * place) / Math.max(1, last)} 4v6`} />`)}
        </svg>
      </div>
      <input
        type="range"
        aria-label=${word.event}
        aria-valuetext=${`${word.eventIs(step)}, ${fixed(nowMs, 1)} ms`}
        min=${first}
        max=${last}
        value=${position.value}
        disabled=${last <= first}
        onInput=${slide}
      />
      <div class="buttons">
        <button onClick=${() => stepBy(first - position.value)} disabled=${position.value === first} aria-label=${word.toTheBeginning}>|◀</button>
        <button onClick=${() => stepBy(-1)} disabled=${position.value === first} aria-label=${word.stepBack}>◀</button>
        <button class="play" onClick=${togglePlay} disabled=${last <= first}>${isPlaying.value ? word.pause : word.play}</button>
        <button onClick=${() => stepBy(1)} disabled=${position.value === last} aria-label=${word.step}>▶</button>
        ${faults.length > 0 && html`<button onClick=${() => nextFault !== undefined && stepBy(nextFault - position.value)} disabled=${nextFault === undefined}>${word.nextFault}</button>`}
        <label>${word.speed}
          <select onChange=${choose} value=${speed.value}>
            ${speeds.map((one) => html`<option key=${one} value=${one}>${word.eventsPerSecond(one)}</option>`)}
          </select>
        </label>
        <output>${fixed(nowMs / 1000, 3)} s · ${word.eventIs(step)}</output>
      </div>
    </section>
  `;
}
