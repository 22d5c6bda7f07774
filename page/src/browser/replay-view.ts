import { html } from 'htm/preact';
import { HistoryStrip } from './history-strip.ts';
import { openFile, replay } from './replay.ts';
import { TraceLines } from './trace-lines.ts';
import { word } from './words.ts';

/** A file: a history with what the checker says of it, or the lines of a trace. What can be played is shown in the playground. */
export function ReplayView() {
  const { value } = replay;
  const choose = (event: Event) => {
    const [file] = (event.target as HTMLInputElement).files ?? [];
    if (file !== undefined) openFile(file);
  };
  // The same file may be chosen once more: what a program has written may be another text.
  const forget = (event: Event) => {
    (event.target as HTMLInputElement).value = '';
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file !== undefined) openFile(file);
  };
  return html`
    <div class="replay" onDragOver=${(event: DragEvent) => event.preventDefault()} onDrop=${drop}>
      <header>
        <h1>${word.value.replay}</h1>
        <p>${word.value.replayIntroduction}</p>
      </header>
      <p><label>${word.value.chooseFile} <input type="file" onClick=${forget} onChange=${choose} /></label> <span class="quiet">${word.value.dropFile}</span></p>
      ${value.type === 'opening' && html`<p role="status">${word.value.isOpening}</p>`}
      ${value.type === 'failed' && html`<div role="alert"><p>${value.isOfNoKind === true ? word.value.ofNoKind : word.value.notOpened}</p><pre lang="en" tabindex="0">${value.text}</pre></div>`}
      ${value.type === 'trace' && html`<${TraceLines} key=${value.name} name=${value.name} lines=${value.lines} />`}
      ${value.type === 'shown' && html`<${HistoryStrip} key=${value.name} name=${value.name} history=${value.history} />`}
    </div>
  `;
}
