import { html } from 'htm/preact';
import { act, canAct } from './edits.ts';
import { fieldsOf } from './form-fields.ts';
import { slowWord } from './words/slow.ts';

/** How many times as long something takes. */
const factors = [1, 5, 20, 100, 1_000];
const factorUsual = 20;

/** Makes a server's table, or a link in one direction, slow. */
export function SlowForms({ hosts }: { readonly hosts: readonly string[] }) {
  const word = slowWord.value;
  const servers = hosts.filter((host) => /^s\d$/.test(host));
  const [first, second] = servers;
  const machines = [...hosts].sort();
  const slowTable = (event: SubmitEvent) => {
    const { field } = fieldsOf(event);
    act({ do: 'slow', server: field('slow-server'), factor: Number(field('factor')) });
  };
  const slowLink = (event: SubmitEvent) => {
    const { field } = fieldsOf(event);
    act({
      do: 'slow-link',
      from: field('slow-from'),
      to: field('slow-to'),
      factor: Number(field('factor')),
    });
  };
  return html`
    <form class="hand" onSubmit=${slowTable}>
      <label>${word.server} <${Choice} name="slow-server" all=${servers} chosen=${first} /></label>
      <${Factor} />
      <button disabled=${!canAct.value}>${word.slowTable}</button>
    </form>
    <form class="hand" onSubmit=${slowLink}>
      <label>${word.from} <${Choice} name="slow-from" all=${machines} chosen=${first} /></label>
      <label>${word.to} <${Choice} name="slow-to" all=${machines} chosen=${second} /></label>
      <${Factor} />
      <button disabled=${!canAct.value}>${word.slowLink}</button>
    </form>
  `;
}

interface ChoiceProps {
  readonly name: string;
  readonly all: readonly string[];
  readonly chosen: string | undefined;
}

function Choice({ name, all, chosen }: ChoiceProps) {
  return html`<select name=${name}>${all.map((one) => html`<option key=${one} selected=${one === chosen}>${one}</option>`)}</select>`;
}

function Factor() {
  const word = slowWord.value;
  return html`
    <label>${word.times} <select name="factor">
      ${factors.map((one) => html`<option key=${one} value=${one} selected=${one === factorUsual}>${one === 1 ? word.usual : word.factor(one)}</option>`)}
    </select></label>
  `;
}
