import { html } from 'htm/preact';
import { actionText } from './action-text.ts';
import type { EditResult } from './edit-result.ts';
import { type Action, act, canAct, editList, undo } from './edits.ts';
import { fieldsOf } from './form-fields.ts';
import { recording } from './player.ts';
import { SlowForms } from './slow-forms.ts';
import { handsWord } from './words/hands.ts';
import { slowWord } from './words/slow.ts';

/** What a person may do to the chain at the present moment, and what they have done. */
export function HandsPanel() {
  const { hosts = [] } = recording.value ?? {};
  return html`
    <section class="hands" aria-label=${handsWord.value.byHand}>
      <h2>${handsWord.value.heading}</h2>
      <div class="forms">
        <${ServerForm} servers=${hosts.filter((host) => /^s\d$/.test(host))} />
        <${LinkForm} hosts=${hosts} />
        <${SlowForms} hosts=${hosts} />
        <${ClientForm} />
        <div class="hand">
          <span>ZooKeeper</span>
          <${Do} action=${{ do: 'stop-zookeeper' }} text=${handsWord.value.stopZooKeeper} />
          <${Do} action=${{ do: 'start-zookeeper' }} text=${handsWord.value.startZooKeeper} />
          <${Do} action=${{ do: 'wipe-zookeeper' }} text=${slowWord.value.wipe} />
          <${Do} action=${{ do: 'join' }} text=${handsWord.value.addServer} />
        </div>
      </div>
      <${Done} />
    </section>
  `;
}

function Do({ action, text }: { readonly action: Action; readonly text: string }) {
  return html`<button disabled=${!canAct.value} onClick=${() => act(action)}>${text}</button>`;
}

const serverActions = ['kill', 'restart', 'pause', 'resume'] as const;

function ServerForm({ servers }: { readonly servers: readonly string[] }) {
  const submit = (event: SubmitEvent) => {
    const { pressed, field } = fieldsOf(event);
    act({ do: pressed as (typeof serverActions)[number] | 'leave', server: field('server') });
  };
  return html`
    <form class="hand" onSubmit=${submit}>
      <label>${handsWord.value.server} <select name="server">${servers.map((host) => html`<option key=${host}>${host}</option>`)}</select></label>
      ${serverActions.map((kind) => html`<button key=${kind} value=${kind} disabled=${!canAct.value}>${handsWord.value.serverActions[kind]}</button>`)}
      <button value="leave" disabled=${!canAct.value}>${slowWord.value.leave}</button>
    </form>
  `;
}

function LinkForm({ hosts }: { readonly hosts: readonly string[] }) {
  const submit = (event: SubmitEvent) => {
    const { pressed, field } = fieldsOf(event);
    act({ do: pressed as 'cut' | 'heal', from: field('from'), to: field('to') });
  };
  // Most links that are cut are between servers.
  const machines = [...hosts].sort();
  const options = (chosen: string | undefined) =>
    machines.map((host) => html`<option key=${host} selected=${host === chosen}>${host}</option>`);
  const [first, second] = machines.filter((host) => /^s\d$/.test(host));
  return html`
    <form class="hand" onSubmit=${submit}>
      <label>${handsWord.value.from} <select name="from">${options(first)}</select></label>
      <label>${handsWord.value.to} <select name="to">${options(second)}</select></label>
      <button value="cut" disabled=${!canAct.value}>${handsWord.value.cut}</button>
      <button value="heal" disabled=${!canAct.value}>${handsWord.value.heal}</button>
    </form>
  `;
}

function ClientForm() {
  const submit = (event: SubmitEvent) => {
    const { pressed, field } = fieldsOf(event);
    const key = field('key');
    if (pressed === 'put') act({ do: 'put', key, value: field('value') });
    else act({ do: pressed as 'get' | 'del', key });
  };
  const verify = (event: SubmitEvent) => act({ do: 'verify', name: fieldsOf(event).field('name') });
  return html`
    <form class="hand" onSubmit=${submit}>
      <label>${handsWord.value.key} <input name="key" required maxlength="32" pattern="[\\w.:\\-]+" value="a" autocomplete="off" /></label>
      <label>${handsWord.value.value} <input name="value" required maxlength="200" value="one" autocomplete="off" /></label>
      ${['put', 'get', 'del'].map((kind) => html`<button key=${kind} value=${kind} disabled=${!canAct.value}>${kind}</button>`)}
    </form>
    <form class="hand" onSubmit=${verify}>
      <label>${handsWord.value.write} <input name="name" required maxlength="20" pattern="(\\d+:)?\\d+" value="0:1" autocomplete="off" /></label>
      <button value="verify" disabled=${!canAct.value}>verify</button>
    </form>
  `;
}

/** What has been done, with what has come of it in the run. */
function Done() {
  const { edits } = editList.value;
  const { results = [] } = recording.value ?? {};
  const word = handsWord.value;
  if (edits.length === 0) return html`<p class="quiet">${handsWord.value.nothingDone}</p>`;
  return html`
    <ol class="done">
      ${edits.map(({ after, at, ...action }, index) => html`<li key=${index}><code>${actionText(action)}</code> <span class="quiet">${after === undefined ? word.atMs(at ?? 0) : word.afterEvent(after)}</span> <${Result} result=${results[index]} /></li>`)}
    </ol>
    <button onClick=${undo} disabled=${!canAct.value}>${word.undo}</button>
  `;
}

/** Reasons and answers are in the simulator's own words. */
function Result({ result }: { readonly result: EditResult | undefined }) {
  switch (result?.type) {
    case 'done':
      return html`<span>${handsWord.value.done}</span>`;
    case 'unanswered':
      return html`<span>${handsWord.value.noAnswer}</span>`;
    case 'refused':
      return html`<span lang="en">✕ ${result.text}</span>`;
    case 'answered':
      return html`<span lang="en">${result.text}</span>`;
    default:
      return undefined;
  }
}
