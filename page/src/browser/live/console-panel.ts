import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { toolWord } from '../words/live-tools.ts';
import { postJson, token } from './ask-server.ts';

interface Line {
  readonly number: number;
  readonly text: string;
  readonly kind: 'asked' | 'answer' | 'error';
}

const linesMax = 200;

const typed = signal('');
const lines = signal<readonly Line[]>([]);

/** put, get, del and verify, as in the client program. */
export function ConsolePanel() {
  const word = toolWord.value;
  if (token === undefined) {
    return html`<section class="console"><h2>${word.console}</h2><p class="quiet">${word.needsToken}</p></section>`;
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const text = typed.value;
    typed.value = '';
    void run(text);
  };
  const type = (event: InputEvent) => {
    typed.value = (event.target as HTMLInputElement).value;
  };
  return html`
    <section class="console">
      <h2>${word.console}</h2>
      <p class="quiet">${word.commands}</p>
      <form class="hand" onSubmit=${submit}>
        <input aria-label=${word.command} value=${typed} onInput=${type} autocomplete="off" spellcheck="false" />
        <button>${word.run}</button>
      </form>
      <div class="answers" role="log" tabindex="0" aria-label=${word.answers} lang="en">
        ${lines.value.map(({ number, text, kind }) => html`<p key=${number} class=${kind}>${kind === 'asked' ? '> ' : ''}${text}</p>`)}
      </div>
    </section>
  `;
}

/** Shows the value of a key. */
export function showKey(key: string): void {
  if (token === undefined) return;
  void send(`get ${key}`, { do: 'get', key });
}

async function run(text: string): Promise<void> {
  const command = commandIn(text);
  if (command !== undefined) return await send(text, command);
  add('asked', text);
  add('error', toolWord.value.commands);
}

async function send(text: string, command: object): Promise<void> {
  add('asked', text);
  try {
    add('answer', (await postJson<{ text: string }>('api/run', command)).text);
  } catch (error) {
    add('error', (error as Error).message);
  }
}

/** A value runs to the end of the line. */
function commandIn(text: string): object | undefined {
  const [, name, first, , rest] = /^\s*(put|get|del|verify)\s+(\S+)(\s(.*))?$/.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (name === 'put') return rest === undefined ? undefined : { do: name, key: first, value: rest };
  if (rest !== undefined && rest.trim() !== '') return undefined;
  return name === 'verify' ? { do: name, name: first } : { do: name, key: first };
}

let numbers = 0;

function add(kind: Line['kind'], text: string): void {
  numbers += 1;
  lines.value = [{ number: numbers, kind, text }, ...lines.value].slice(0, linesMax);
}
