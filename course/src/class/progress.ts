/** Progress on the terminal: one line that is rewritten, or a line for each submission where the output is no terminal. */
import { stripVTControlCharacters } from 'node:util';
import { pointsText } from '../../../scripts/student/points.ts';
import type { ClassRow, Progress } from './run-class.ts';

export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class ProgressLine {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  /** When the first submission began. */
  #startedMs: number | undefined;
  #problems = 0;

  /** @param now in milliseconds, from any beginning. */
  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  show({ done, total, graded, last }: Progress): void {
    if (last !== undefined && whatIsWrong(last) !== undefined) this.#problems += 1;
    this.#startedMs ??= this.#now();
    const rest = this.#restText(graded, total - done);
    if (this.#stream.isTTY !== true) {
      const text = last === undefined ? `${total} submissions, ${done} of them graded before` : rowText(last);
      this.#stream.write(`${done}/${total}  ${text}${rest}\n`);
      return;
    }
    const problems = this.#problems === 0 ? '' : `, ${this.#problems} with problems`;
    const line = `graded ${done} of ${total}${problems}${rest}`;
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
  }

  /** A line of its own, which stays. */
  note(line: string): void {
    this.#stream.write(`${this.#stream.isTTY === true ? '\r\u001b[K' : ''}${line}\n`);
  }

  end(): void {
    if (this.#stream.isTTY === true) this.#stream.write('\n');
  }

  #restText(graded: number, left: number): string {
    const elapsedMs = this.#now() - (this.#startedMs ?? 0);
    if (graded === 0 || elapsedMs <= 0) return '';
    const perMinute = graded / (elapsedMs / 60_000);
    return `; ${perMinute.toFixed(1)} a minute${left === 0 ? '' : `, ${timeText(left / perMinute)} left`}`;
  }
}

/** Rounded up, so that a wait of nothing is not promised. */
export function timeText(minutes: number): string {
  if (minutes < 1) return `${Math.ceil(minutes * 60)} s`;
  if (minutes < 100) return `${Math.ceil(minutes)} min`;
  return `${(minutes / 60).toFixed(1)} h`;
}

function rowText(row: ClassRow): string {
  const wrong = whatIsWrong(row);
  const { student, result } = row;
  const points =
    result === undefined
      ? ''
      : `: ${pointsText(result.points)} of ${pointsText(result.pointsMax)}, bonus ${pointsText(result.bonus)}`;
  // A student chooses the name of an archive.
  return stripVTControlCharacters(`${student}${points}${wrong === undefined ? '' : `: ${wrong}`}`).replace(
    /\s+/g,
    ' ',
  );
}

/** Why a submission was not graded as it is; undefined if it was. */
export function whatIsWrong({ result, failure, remark }: ClassRow): string | undefined {
  const missing = result?.missing ?? [];
  const all = [
    failure ?? result?.problem,
    remark,
    missing.length === 0 ? undefined : `not handed in: ${missing.join(', ')}`,
  ].filter((text) => text !== undefined);
  return all.length === 0 ? undefined : all.join('; ');
}
