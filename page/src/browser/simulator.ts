import { served, withSources } from './served.ts';
import { word } from './words.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** How long the simulator may be silent while it works, in milliseconds: an event takes less than one. */
const silenceMsMax = 10_000;
/** The same while it loads; a busy machine takes long for it. */
const loadMsMax = 60_000;

type Take = (message: Report) => void;
export type Report = Exclude<FromWorker, { readonly type: 'ready' | 'progress' }>;

const takers: Take[] = [];
let worker: Worker | undefined;
let isReady = false;
/** How many orders it has not yet reported on. */
let waiting = 0;
let steps = 0;
let silence: ReturnType<typeof setTimeout> | undefined;

export function ask(order: ToWorker): void {
  // The server could not make it of the core's files.
  if (served?.problem !== undefined) return void setTimeout(fail, 0, served.problem);
  worker ??= started();
  waiting += 1;
  steps = 0;
  worker.postMessage(order);
  expect();
}

/** `take` gets what the simulator reports; an error in the worker itself is reported as `failed`, too. */
export function listen(take: Take): void {
  takers.push(take);
}

function started(): Worker {
  isReady = false;
  const one = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  one.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (one === worker) take(data);
  });
  one.addEventListener('error', ({ message }) => {
    if (one === worker) fail(message || word.value.notLoaded);
  });
  return one;
}

function take(message: FromWorker): void {
  if (message.type === 'ready') isReady = true;
  else if (message.type === 'progress') steps = message.steps;
  else if (message.type === 'failed' && !isReady) return fail(message.text);
  else {
    if (message.type !== 'hash') waiting -= 1;
    report(message.type === 'failed' ? { ...message, text: withSources(message.text) } : message);
  }
  expect();
}

/** A core may loop without end. */
function expect(): void {
  clearTimeout(silence);
  if (waiting > 0)
    silence = setTimeout(() => fail(word.value.silent(steps)), isReady ? silenceMsMax : loadMsMax);
}

/** The worker may be in any state, so the next order gets another one. */
function fail(text: string): void {
  clearTimeout(silence);
  worker?.terminate();
  worker = undefined;
  waiting = 0;
  report({ type: 'failed', text: withSources(text) });
}

function report(message: Report): void {
  for (const take of takers) take(message);
}
