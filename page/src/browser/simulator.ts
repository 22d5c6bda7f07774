import { served, withSources } from './served.ts';
import { word } from './words.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** How long the simulator may be silent while it works, in milliseconds: an event takes less than one. */
const silenceMsMax = 10_000;
/** The same while it loads; a busy machine takes long for it. */
const loadMsMax = 60_000;

type Take = (message: Report) => void;
export type Report = Exclude<FromWorker, { readonly type: 'ready' | 'progress' | 'hash' }>;

const takers: Take[] = [];
let worker: Worker | undefined;
let isReady = false;
/** What the worker does now, and what it is to do then: only what was asked for last still matters, so there is no queue. */
let order: ToWorker | undefined;
let nextOrder: ToWorker | undefined;
let steps = 0;
let silence: ReturnType<typeof setTimeout> | undefined;

/** Asks for something; what was asked for before it, and has not been reported yet, never is. */
export function ask(asked: ToWorker): void {
  // The server could not make it of the core's files.
  if (served?.problem !== undefined) return void setTimeout(fail, 0, served.problem);
  if (order === undefined) give(asked);
  else nextOrder = asked;
}

/**
 * `take` gets what the simulator reports on the last order; an error in the worker itself is reported as `failed`, too.
 */
export function listen(take: Take): void {
  takers.push(take);
}

function give(given: ToWorker): void {
  worker ??= started();
  order = given;
  nextOrder = undefined;
  steps = 0;
  worker.postMessage(given);
  expect();
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
  // Only tests ask for them, of a worker of their own.
  else if (message.type === 'hash') return;
  else if (message.type === 'failed' && !isReady) return fail(message.text);
  else end(message.type === 'failed' ? { ...message, text: withSources(message.text) } : message);
  expect();
}

/** A core may loop without end. */
function expect(): void {
  clearTimeout(silence);
  if (order !== undefined)
    silence = setTimeout(() => fail(word.value.silent(steps)), isReady ? silenceMsMax : loadMsMax);
}

/** The worker may be in any state, so the next order gets another one. */
function fail(text: string): void {
  clearTimeout(silence);
  worker?.terminate();
  worker = undefined;
  end({ type: 'failed', text: withSources(text) });
}

/** The order has come to its end. If there is another, nobody waits for this one's report. */
function end(report: Report): void {
  const next = nextOrder;
  order = undefined;
  nextOrder = undefined;
  if (next !== undefined) return give(next);
  for (const take of takers) take(report);
}
