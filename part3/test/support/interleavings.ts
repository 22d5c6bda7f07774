/**
 * Runs the code of a few threads in all possible orders, one atomic operation at a time: a model of their memory decides what each
 * operation results in, and whether a rule is broken. {@link ThreadCode} says how the code under test is asked for its operations. That
 * may be the code of somebody who wants to pass: the model believes nothing but the operations.
 */
import { unreachable } from '@tablelab/shared';
import { stateInput } from '@tablelab/shared/testing';
import type { Operation, Result, ThreadCode } from '../sandboxed/thread-code.ts';

export interface Exploration {
  /** What the threads do, in the hand-out's words. */
  readonly input: string;
  readonly words: number;
  readonly threads: readonly ThreadCode[];
  /** How often each thread runs its code. */
  readonly rounds: number;
  /** The numbers of threads whose waits may time out. */
  readonly impatient?: readonly number[];
  /** The numbers of the threads that enter the section in each round, unless their time is up; by default all. */
  readonly entering?: readonly number[];
  /** Words without an effect on the algorithm: operations on them count as part of the previous step. */
  readonly quietWords?: readonly number[];
  /**
   * A thread queues if it has raised the word `tickets` and then marked the word `state` with an exchange that found it
   * held: at most this many others may enter the section before it.
   */
  readonly queue?: { readonly tickets: number; readonly state: number; readonly overtakesMax: number };
  /** The largest number of states; above it the test is too large. */
  readonly statesMax: number;
}

interface Thread {
  readonly round: number;
  /** Of this round. */
  readonly results: readonly Result[];
  /** Round and results in one text. */
  readonly key: string;
  /** Its next operation; undefined if it has ended. */
  readonly next: Operation | undefined;
  readonly isAsleep: boolean;
  /** Whether its round may end: it has entered the section, or its time was up, or it need not enter. */
  readonly mayEnd: boolean;
  /** The number of others that have entered the section since this thread queued. */
  readonly overtakenBy: number | 'has a ticket' | 'does not queue';
}

interface State {
  readonly memory: readonly number[];
  readonly threads: readonly Thread[];
  /** The thread in the critical section. */
  readonly inside: number | undefined;
  /** The steps that led here, latest first, for the report. */
  readonly trace: Trace | undefined;
}

interface Trace {
  readonly step: string;
  readonly before: Trace | undefined;
}

/** How many of the last steps a report shows. */
const stepsShownMax = 12;

function textOf(trace: Trace | undefined): string {
  const steps: string[] = [];
  let at = trace;
  for (; at !== undefined && steps.length < stepsShownMax; at = at.before) steps.unshift(at.step);
  return (at === undefined ? steps : ['...', ...steps]).join('; ');
}

/** A rule of mutual exclusion is broken. The message ends with the last steps that led there. */
export class Violation extends Error {
  constructor(rule: string, trace: Trace | undefined) {
    super(trace === undefined ? rule : `${rule}, after: ${textOf(trace)}`);
  }
}

/** Explores all orders; returns the number of states. @throws Violation for the first order that breaks a rule */
export function exploreAll(exploration: Exploration): number {
  stateInput(`${exploration.input}, in every order of their steps`);
  const model = new Model(exploration);
  const seen = new Set<string>();
  const open = [model.start()];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const following of model.allNext(state)) {
      const key = keyOf(following);
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > exploration.statesMax)
        throw new RangeError(`more than ${exploration.statesMax} states`);
      open.push(following);
    }
  }
  return seen.size;
}

/** A scheduler's view of a thread. */
export interface ThreadView {
  readonly canRun: boolean;
  /** The time-out of its sleep, in milliseconds; undefined while it is awake. */
  readonly sleepsMs: number | undefined;
  readonly isInside: boolean;
  readonly hasEnded: boolean;
}

/**
 * Runs one order: `pick` chooses the thread for the next step; if that thread sleeps, its wait times out. Ends when
 * `pick` returns none.
 * @returns the threads that entered the critical section, in order
 */
export function runOrder(
  exploration: Exploration,
  pick: (threads: ThreadView[]) => number | undefined,
): number[] {
  stateInput(exploration.input);
  const model = new Model(exploration);
  const entered: number[] = [];
  let state = model.start();
  for (let steps = 0; steps < exploration.statesMax; steps += 1) {
    const { inside } = state;
    const views = state.threads.map(({ isAsleep, next }, number) => ({
      canRun: !isAsleep && next !== undefined,
      sleepsMs: isAsleep && next?.kind === 'wait' ? next.timeoutMs : undefined,
      isInside: inside === number,
      hasEnded: next === undefined,
    }));
    const number = pick(views);
    if (number === undefined) {
      stateInput(`${exploration.input}; the steps: ${textOf(state.trace)}`);
      return entered;
    }
    if (state.threads[number]?.next?.kind === 'enter') entered.push(number);
    state = state.threads[number]?.isAsleep ? model.timeOut(state, number) : model.step(state, number);
  }
  throw new RangeError(`more than ${exploration.statesMax} steps`);
}

/** The next operation of each code by its results so far: many states, and many orders, share these. */
const knownOperations = new WeakMap<ThreadCode, Map<string, Operation | undefined>>();

class Model {
  readonly #exploration: Exploration;

  constructor(exploration: Exploration) {
    this.#exploration = exploration;
  }

  start(): State {
    const threads = this.#exploration.threads.map((_, number) => this.#startRound(number, 0, undefined));
    const memory = new Array<number>(this.#exploration.words).fill(0);
    return { memory, threads, inside: undefined, trace: undefined };
  }

  allNext(state: State): State[] {
    const following: State[] = [];
    for (const [number, { next, isAsleep }] of state.threads.entries()) {
      if (next === undefined) continue;
      if (!isAsleep) following.push(this.step(state, number));
      else if (this.#exploration.impatient?.includes(number)) following.push(this.timeOut(state, number));
    }
    const asleep = state.threads.flatMap(({ isAsleep }, number) => (isAsleep ? [number] : []));
    if (following.length === 0 && asleep.length > 0) {
      throw new Violation(`a wake-up is lost: thread ${asleep} sleeps for ever`, state.trace);
    }
    return following;
  }

  /** Thread `number` does its next operation, and the following ones on quiet words. */
  step(state: State, number: number): State {
    let following = this.#stepOnce(state, number);
    for (;;) {
      const { next, isAsleep } = following.threads[number] as Thread;
      if (next === undefined || isAsleep || !this.#isQuiet(next)) return following;
      following = this.#stepOnce(following, number);
    }
  }

  #isQuiet({ kind, index }: Operation): boolean {
    return kind !== 'enter' && kind !== 'leave' && this.#exploration.quietWords?.includes(index) === true;
  }

  #stepOnce(state: State, number: number): State {
    const memory = [...state.memory];
    const threads = [...state.threads];
    let { inside } = state;
    let thread = threads[number] as Thread;
    const operation = thread.next as Operation;
    const { kind, index } = operation;
    const before = memory[index];
    if (before === undefined) throw new Violation(`thread ${number} uses word ${index}`, state.trace);
    const { queue } = this.#exploration;
    let { overtakenBy } = thread;
    let result: Result = before;
    switch (kind) {
      case 'load':
        break;
      case 'store':
        memory[index] = operation.value;
        break;
      case 'exchange':
        memory[index] = operation.value;
        if (overtakenBy === 'has a ticket' && index === queue?.state && before !== 0) overtakenBy = 0;
        break;
      case 'add':
        memory[index] = (before + operation.value) | 0;
        break;
      case 'and':
        memory[index] = before & operation.value;
        break;
      case 'or':
        memory[index] = before | operation.value;
        break;
      case 'xor':
        memory[index] = before ^ operation.value;
        break;
      case 'compareExchange':
        if (before !== operation.value) break;
        memory[index] = operation.replacement;
        if (index === queue?.tickets) overtakenBy = 'has a ticket';
        break;
      case 'wait':
        if (before === operation.value) {
          threads[number] = { ...thread, isAsleep: true };
          return { memory, threads, inside, trace: traceOf(state, number, operation, 'asleep') };
        }
        result = 'not-equal';
        break;
      case 'notify':
        result = this.#wake(state, threads, index, operation.value);
        break;
      case 'enter':
        if (inside !== undefined) {
          throw new Violation(`threads ${inside} and ${number} are in the section at once`, state.trace);
        }
        inside = number;
        thread = { ...thread, mayEnd: true };
        overtakenBy = 'does not queue';
        this.#countOvertaking(state, threads, number);
        break;
      case 'leave':
        if (inside !== number)
          throw new Violation(`thread ${number} leaves without being inside`, state.trace);
        inside = undefined;
        break;
      default:
        unreachable(kind);
    }
    const trace = traceOf(state, number, operation, result);
    threads[number] = { ...this.#resume(thread, number, result, trace), overtakenBy };
    return { memory, threads, inside, trace };
  }

  #countOvertaking(state: State, threads: Thread[], entering: number): void {
    for (const [number, thread] of threads.entries()) {
      const { overtakenBy } = thread;
      if (number === entering || typeof overtakenBy !== 'number') continue;
      if (overtakenBy === this.#exploration.queue?.overtakesMax) {
        throw new Violation(`thread ${number} queues and is overtaken`, state.trace);
      }
      threads[number] = { ...thread, overtakenBy: overtakenBy + 1 };
    }
  }

  /** The wait of the sleeping thread `number` times out. */
  timeOut(state: State, number: number): State {
    const threads = [...state.threads];
    const thread = { ...(threads[number] as Thread), mayEnd: true };
    const trace = traceOf(state, number, thread.next as Operation, 'timed-out');
    threads[number] = { ...this.#resume(thread, number, 'timed-out', trace), overtakenBy: 'does not queue' };
    return { ...state, threads, trace };
  }

  /** Wakes sleepers on a word, in the order of their numbers, which must not matter. */
  #wake(state: State, threads: Thread[], index: number, count: number): number {
    let woken = 0;
    for (const [number, thread] of threads.entries()) {
      if (woken === count || !thread.isAsleep || thread.next?.index !== index) continue;
      threads[number] = this.#resume(thread, number, 'ok', state.trace);
      woken += 1;
    }
    return woken;
  }

  #startRound(number: number, round: number, trace: Trace | undefined): Thread {
    const { entering } = this.#exploration;
    const mayEnd = entering !== undefined && !entering.includes(number);
    const start = { round, results: [], key: `${round}:`, isAsleep: false, mayEnd };
    const next = this.#next(start, number, trace);
    return { ...start, next, overtakenBy: 'does not queue' };
  }

  /** Continues the thread with the result of its operation. */
  #resume(before: Thread, number: number, result: Result, trace: Trace | undefined): Thread {
    const results = [...before.results, result];
    const thread = { ...before, results, key: `${before.key},${result}`, isAsleep: false };
    const next = this.#next(thread, number, trace);
    if (next !== undefined || thread.round + 1 === this.#exploration.rounds) return { ...thread, next };
    return this.#startRound(number, thread.round + 1, trace);
  }

  #next(
    { results, mayEnd }: Pick<Thread, 'results' | 'mayEnd'>,
    number: number,
    trace: Trace | undefined,
  ): Operation | undefined {
    const next = this.#operation(number, results, trace);
    if (next === undefined && !mayEnd) throw new Violation(`thread ${number} ends without its turn`, trace);
    return next;
  }

  #operation(number: number, results: readonly Result[], trace: Trace | undefined): Operation | undefined {
    const code = this.#exploration.threads[number] as ThreadCode;
    const known = knownOperations.get(code) ?? new Map<string, Operation | undefined>();
    knownOperations.set(code, known);
    const key = results.join();
    try {
      if (!known.has(key)) known.set(key, code.next(...results));
    } catch (error) {
      throw new Violation(`thread ${number} throws: ${error}`, trace);
    }
    return known.get(key);
  }
}

function traceOf({ trace }: State, number: number, operation: Operation, result: string | number): Trace {
  return { step: `thread ${number} ${stepText(operation, result)}`, before: trace };
}

/** Words are numbered from the first one of the mutex. */
function stepText(operation: Operation, result: string | number): string {
  const word = `word ${operation.index}`;
  switch (operation.kind) {
    case 'enter':
      return 'enters the critical section';
    case 'leave':
      return 'leaves the critical section';
    case 'load':
      return `reads ${word}: ${result}`;
    case 'store':
      return `writes ${operation.value} to ${word}`;
    case 'wait':
      return `waits while ${word} is ${operation.value}: ${result}`;
    case 'notify':
      return `wakes up ${result} of at most ${operation.value} that wait on ${word}`;
    case 'compareExchange':
      return `compareExchange ${operation.value} by ${operation.replacement} in ${word}: it was ${result}`;
    default:
      return `${operation.kind} ${operation.value} in ${word}: it was ${result}`;
  }
}

function keyOf({ memory, threads, inside }: State): string {
  const ofThreads = threads.map(
    ({ key, isAsleep, overtakenBy }) => `${key}${isAsleep ? 'z' : ''}/${overtakenBy}`,
  );
  return `${memory.join()}|${ofThreads.join('|')}|${inside}`;
}
