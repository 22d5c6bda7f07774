/** How often progress is shown, in milliseconds: on a terminal, and as lines elsewhere. */
const terminalEveryMs = 100;
const linesEveryMs = 2_000;

const msPerSecond = 1_000;
const eraseLine = '\r\u001b[K';

export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Shows how far some work has come, with its rate and the time that remains. On a terminal, one line changes in place. */
export class ProgressLine {
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  #step = '';
  #startedAt = 0;
  #doneAtStart = 0;
  #shownAt = 0;
  #isShown = false;

  /** `now`: a monotonic clock, in milliseconds. */
  constructor(output: ProgressOutput, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#now = now;
  }

  /** `step`: `loading`, for example; the rate is that of this step. */
  show(step: string, done: number, total: number): void {
    const now = this.#now();
    if (step !== this.#step) {
      this.#step = step;
      this.#startedAt = now;
      this.#doneAtStart = done;
      // There is no rate yet.
      this.#shownAt = now;
    }
    if (now - this.#shownAt < (this.#output.isTTY === true ? terminalEveryMs : linesEveryMs)) return;
    this.#shownAt = now;
    const seconds = (now - this.#startedAt) / msPerSecond;
    const rate = seconds > 0 ? (done - this.#doneAtStart) / seconds : 0;
    const left = rate > 0 && total >= done ? `, ${durationText((total - done) / rate)} left` : '';
    const percent = total > 0 ? ` (${Math.min(100, Math.floor((100 * done) / total))} %)` : '';
    const text = `${step}: ${grouped(done)} of ${grouped(total)} entries${percent}, ${grouped(Math.round(rate))}/s${left}`;
    this.#output.write(this.#output.isTTY === true ? `${eraseLine}${text}` : `${text}\n`);
    this.#isShown = true;
  }

  /** Takes the line off the terminal. */
  end(): void {
    if (this.#isShown && this.#output.isTTY === true) this.#output.write(eraseLine);
    this.#isShown = false;
  }
}

/** `1,234,567` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** `45 s`, `3 min` or `2.5 h`. */
export function durationText(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3_600).toFixed(1)} h`;
}
