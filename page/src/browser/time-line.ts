import { html } from 'htm/preact';
import {
  frame,
  frames,
  goTo,
  isPlaying,
  pause,
  position,
  run,
  speed,
  speeds,
  stepBy,
  togglePlay,
} from './playground.ts';

/** Where the run is, and how to go elsewhere. */
export function TimeLine() {
  const last = frames.value.length - 1;
  const { nowMs = 0, step = 0 } = frame.value ?? {};
  const faults = run.value.type === 'shown' ? run.value.recording.faults : [];
  const nextFault = faults.find((place) => place > position.value);
  const slide = (event: InputEvent) => {
    pause();
    goTo((event.target as HTMLInputElement).valueAsNumber);
  };
  const choose = (event: Event) => {
    speed.value = Number((event.target as HTMLSelectElement).value);
  };
  return html`
    <section class="time" aria-label="Time">
      <div class="faults" aria-hidden="true">
        <svg viewBox="0 0 1000 10" preserveAspectRatio="none">
          ${faults.map((place) => html`<path key=${place} d=${`M${(1000 * place) / Math.max(1, last)} 0v10`} />`)}
        </svg>
      </div>
      <input
        type="range"
        aria-label="Event"
        aria-valuetext=${`event ${step}, ${nowMs.toFixed(1)} ms`}
        min="0"
        max=${last}
        value=${position.value}
        onInput=${slide}
      />
      <div class="buttons">
        <button onClick=${() => stepBy(-position.value)} disabled=${position.value === 0} aria-label="To the beginning">|◀</button>
        <button onClick=${() => stepBy(-1)} disabled=${position.value === 0} aria-label="Step back">◀</button>
        <button class="play" onClick=${togglePlay}>${isPlaying.value ? 'Pause' : 'Play'}</button>
        <button onClick=${() => stepBy(1)} disabled=${position.value === last} aria-label="Step">▶</button>
        <button
          onClick=${() => nextFault !== undefined && stepBy(nextFault - position.value)}
          disabled=${nextFault === undefined}
        >
          Next fault
        </button>
        <label>Speed
          <select onChange=${choose} value=${speed.value}>
            ${speeds.map((one) => html`<option key=${one} value=${one}>${one} events/s</option>`)}
          </select>
        </label>
        <output>${(nowMs / 1000).toFixed(3)} s · event ${step}</output>
      </div>
    </section>
  `;
}
