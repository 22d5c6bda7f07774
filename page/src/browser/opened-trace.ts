import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { isSameRun, type RunName } from './run-name.ts';
import { word } from './words.ts';

/** The trace that was opened last, of a run that the page plays again. */
interface OpenedTrace {
  /** Of the file. */
  readonly name: string;
  readonly run: RunName;
  /** Of all events, as the file has it. */
  readonly hash: string | undefined;
}

export const openedTrace = signal<OpenedTrace | undefined>(undefined);

/** Whether the run that is shown is the one of the file, event by event: another core may make another one of the same seed. */
export function TraceComparison({ run, hash }: { readonly run: RunName; readonly hash: string }) {
  const opened = openedTrace.value;
  if (opened?.hash === undefined || !isSameRun(opened.run, run)) return undefined;
  const isSame = opened.hash === hash;
  const text = isSame ? word.value.sameTrace(opened.name) : word.value.otherTrace(opened.name, opened.hash);
  return html`<p class=${isSame ? 'good' : 'bad'}>${text}</p>`;
}
