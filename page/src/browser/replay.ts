import { signal } from '@preact/signals';
import { editListFrom } from '@tablelab/part4/sim/edit-list';
import { isTrace, traceFrom } from '@tablelab/part4/sim/trace-file';
import { errorText } from '@tablelab/shared';
import type { CheckedHistory } from './history-file.ts';
import { openedTrace } from './opened-trace.ts';
import { type RunName, runOf } from './run-name.ts';
import { ask, listen, type Report } from './simulator.ts';
import { language, playgroundAddress, view } from './view.ts';
import { word } from './words.ts';

/** A file that somebody opens. */

export type Replay =
  | { readonly type: 'empty' | 'opening' }
  | { readonly type: 'failed'; readonly text: string; readonly isOfNoKind?: boolean }
  | { readonly type: 'trace'; readonly name: string; readonly lines: readonly string[] }
  | { readonly type: 'shown'; readonly name: string; readonly history: CheckedHistory };

export const replay = signal<Replay>({ type: 'empty' });

const bytesMax = 8_000_000;
const fetchMsMax = 30_000;

/** The name of the file whose history is being checked. */
let opening = '';
/** How many files were opened: what comes of an earlier one is shown no more. */
let openings = 0;

listen(take);

/** The address of a file in the page's query. */
export function traceAsked(): string | undefined {
  return new URLSearchParams(location.search).get('trace') ?? undefined;
}

/** Opens the file that the query names, once. */
export function replayFromAddress(): void {
  // Somebody has left while it was opened, and has come back.
  if (replay.value.type === 'opening') replay.value = { type: 'empty' };
  const asked = traceAsked();
  if (asked === undefined || replay.value.type !== 'empty') return;
  open(asked, fetched(asked));
}

export function openFile(file: File): void {
  open(file.name, file.size > bytesMax ? Promise.reject(tooLarge()) : file.text());
}

function tooLarge(): Error {
  return new Error(word.value.tooLarge(bytesMax));
}

function open(name: string, content: Promise<string>): void {
  openings += 1;
  const number = openings;
  replay.value = { type: 'opening' };
  content.then(
    (text) => number === openings && openText(name, text),
    (error) => number === openings && fail(error),
  );
}

/** @throws Error if it is not on the page's own server, too large, or not there */
async function fetched(asked: string): Promise<string> {
  const url = new URL(asked, location.href);
  if (url.origin !== location.origin) throw new Error(word.value.otherOrigin);
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchMsMax) });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
    text += piece.value;
    if (text.length <= bytesMax) continue;
    await reader?.cancel();
    throw tooLarge();
  }
  return text;
}

function openText(name: string, text: string): void {
  try {
    if (isEditList(text)) play(runOf(1, JSON.stringify(editListFrom(text))), 0);
    else if (isTrace(text)) openTrace(name, text);
    else {
      opening = name;
      replay.value = { type: 'opening' };
      ask({ type: 'history', text });
    }
  } catch (error) {
    fail(error);
  }
}

/** A trace that says what makes its run is played; else its lines are shown. */
function openTrace(name: string, text: string): void {
  const { header, hash, lines } = traceFrom(text);
  if (header === undefined) {
    replay.value = { type: 'trace', name, lines };
    return;
  }
  const { seed, disks = false, faults, keep, edits } = header;
  const run: RunName = {
    seed,
    hasDisks: disks,
    faults: faults?.length === 0 ? 'none' : faults?.join(','),
    keep: keep?.join(','),
    edits: edits === undefined ? undefined : JSON.stringify(edits),
  };
  openedTrace.value = { name, run, hash };
  play(run, undefined);
}

function play(run: RunName, step: number | undefined): void {
  replay.value = { type: 'empty' };
  location.hash = playgroundAddress(run, step, language.value);
}

/** One object with the field, and not an object on each line. */
function isEditList(text: string): boolean {
  try {
    return 'edits' in JSON.parse(text);
  } catch {
    return false;
  }
}

function take(message: Report): void {
  if (view.value !== 'replay' || replay.value.type !== 'opening') return;
  if (message.type === 'failed') replay.value = { type: 'failed', text: message.text, isOfNoKind: true };
  if (message.type === 'history') replay.value = { type: 'shown', name: opening, history: message.history };
}

function fail(error: unknown): void {
  replay.value = { type: 'failed', text: errorText(error) };
}
