import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { postJson, token } from './ask-server.ts';
import { chosen, hasControls, now } from './live-source.ts';

const answer = signal<{ readonly isError: boolean; readonly text: string } | undefined>(undefined);
const load = signal(0);

const loadMax = 2_000;
const loadStep = 50;

const serverActions = ['kill', 'pause', 'resume', 'stop'] as const;

/** What a person may do to the chain of `npm start`. */
export function ControlsPanel() {
  if (!hasControls.value || token === undefined) return undefined;
  const address = chosen.value;
  const isThere = now.value?.servers.some((server) => server.address === address) === true;
  const slide = (event: InputEvent) => {
    load.value = (event.target as HTMLInputElement).valueAsNumber;
  };
  return html`
    <section class="hands" aria-label="Controls">
      <h2>Do something to the chain</h2>
      <div class="hand">
        <span>${isThere ? `Server ${address}:` : 'Choose a server in the drawing:'}</span>
        ${serverActions.map((action) => html`<button key=${action} disabled=${!isThere} onClick=${() => act({ do: action, address })}>${action}</button>`)}
        <button onClick=${() => act({ do: 'add' })}>Add a server</button>
      </div>
      <label class="hand">Load
        <input class="load" type="range" min="0" max=${loadMax} step=${loadStep} value=${load.value} onInput=${slide} onChange=${() => act({ do: 'load', rate: load.value })} />
        <span>${load.value} operations a second</span>
      </label>
      ${answer.value !== undefined && html`<p role="status" class=${answer.value.isError ? 'bad' : 'quiet'}>${answer.value.text}</p>`}
    </section>
  `;
}

async function act(what: object): Promise<void> {
  try {
    answer.value = { isError: false, text: (await postJson<{ text: string }>('api/control', what)).text };
  } catch (error) {
    answer.value = { isError: true, text: (error as Error).message };
  }
}
