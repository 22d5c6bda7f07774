import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { actionText } from './action-text.ts';
import { type Branch, editsOf, type Fork, forkOf, type PlacedBranch, serversOf } from './branch-tree.ts';
import { branchWord } from './words/branches.ts';
import { branches, choose, nameMax, present, remove, rename, tree } from './branches.ts';

/** The branch whose name is being changed. */
const renamed = signal<number | undefined>(undefined);
/** The one whose name was changed last: its button gets the focus back. */
let renamedLast: number | undefined;

/** The courses so far, as a tree: choose one, name it, or delete it. */
export function BranchList() {
  const word = branchWord.value;
  return html`
    <section class="branches" aria-labelledby="branches">
      <h2 id="branches">${word.title}</h2>
      <p class="quiet">${word.hint}</p>
      <ul>${tree.value.map((one) => html`<${Row} key=${one.branch.id} ...${one} />`)}</ul>
    </section>
  `;
}

/** Deeper branches are not indented further: there is not room for it everywhere. */
const depthMax = 5;

function Row({ branch, fork, depth }: PlacedBranch) {
  const word = branchWord.value;
  const isPresent = present.value === branch;
  const name = nameOf(branch, fork);
  const focusAgain = (button: HTMLButtonElement | null) => {
    if (button === null || renamedLast !== branch.id) return;
    renamedLast = undefined;
    button.focus();
  };
  if (renamed.value === branch.id)
    return html`<li class=${`depth-${Math.min(depth, depthMax)}`}><${NameForm} branch=${branch} name=${name} /></li>`;
  return html`
    <li class=${`depth-${Math.min(depth, depthMax)}`}>
      <button class="branch" aria-current=${isPresent ? 'true' : undefined} onClick=${() => choose(branch)}>${isPresent ? '● ' : ''}${name}</button>
      <span class="quiet">${fork && originOf(branch, fork)}</span>
      <span class="branch-buttons">
        <button aria-label=${word.renameOne(name)} ref=${focusAgain} onClick=${() => openForm(branch)}>${word.rename}</button>
        <button aria-label=${word.removeOne(name)} disabled=${branches.value.length < 2} onClick=${() => remove(branch)}>${word.remove}</button>
      </span>
    </li>
  `;
}

function openForm({ id }: Branch): void {
  renamed.value = id;
}

function NameForm({ branch, name }: { readonly branch: Branch; readonly name: string }) {
  const word = branchWord.value;
  const close = () => {
    renamedLast = branch.id;
    renamed.value = undefined;
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    rename(branch, String(new FormData(event.currentTarget as HTMLFormElement).get('branch-name')));
    close();
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') close();
  };
  const focus = (input: HTMLInputElement | null) => {
    if (input !== null && document.activeElement !== input) input.select();
  };
  return html`
    <form class="hand" onSubmit=${submit} onKeyDown=${onKeyDown}>
      <label>${word.newName} <input name="branch-name" maxlength=${nameMax} value=${name} autocomplete="off" ref=${focus} /></label>
      <button>${word.save}</button>
      <button type="button" onClick=${close}>${word.cancel}</button>
    </form>
  `;
}

/** The parent, and the fork unless the name says it. */
function originOf({ name }: Branch, fork: Fork): string {
  const parent = branchWord.value.from(nameOf(fork.parent, forkOf(fork.parent, branches.value)));
  return name === undefined ? parent : `${parent} ${pointOf(fork)}`;
}

function pointOf({ edit: { after, at = 0 } }: Fork): string {
  const word = branchWord.value;
  return after === undefined ? word.atMs(at) : word.atEvent(after);
}

/** The name that it was given, or else what is special about it. */
function nameOf(branch: Branch, fork: Fork | undefined): string {
  const word = branchWord.value;
  if (branch.name !== undefined) return branch.name;
  if (fork === undefined) {
    const edits = editsOf(branch);
    const servers = serversOf(branch);
    const base = servers === undefined ? word.seed(branch.run.seed) : word.servers(servers);
    return edits.length === 0 ? base : `${base}, ${word.edits(edits.length)}`;
  }
  const { after: _after, at: _at, ...action } = fork.edit;
  const deed = `${actionText(action)} ${pointOf(fork)}`;
  if (fork.isWithout) return word.without(deed);
  return fork.more === 0 ? deed : `${deed} ${word.more(fork.more)}`;
}
