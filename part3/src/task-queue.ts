import { TableError } from '@tablelab/shared';

/**
 * The task queue of the assignment, part 3: first in, first out, with a limit. The main thread puts tasks in, the
 * executor takes them out, in batches.
 *
 * A ring of `tasksMax` places: `#first` is the place of the oldest task, `#length` how many there are.
 *
 * In this stage producer and executor share one thread, so no lock guards the ring; with the second thread it moves
 * into shared memory behind a mutex and the condition `notEmpty`.
 */
export class TaskQueue<Task> {
  readonly #ring: (Task | undefined)[];
  #first = 0;
  #length = 0;

  /** @throws TableError BAD_REQUEST unless `tasksMax` is a whole number from 1 up. */
  constructor(tasksMax: number) {
    if (!Number.isSafeInteger(tasksMax) || tasksMax < 1) {
      throw new TableError('BAD_REQUEST', `a task queue holds at least 1 task, not ${tasksMax}`);
    }
    this.#ring = new Array<Task | undefined>(tasksMax).fill(undefined);
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.#ring.length;
  }

  /** @throws TableError BUSY when the queue is full; the task is not in it then. */
  put(task: Task): void {
    if (this.isFull) throw new TableError('BUSY', `the task queue is full: ${this.#length} tasks wait`);
    this.#ring[(this.#first + this.#length) % this.#ring.length] = task;
    this.#length += 1;
  }

  /** Takes the oldest tasks out, at most `countMax`, oldest first; none when the queue is empty. */
  take(countMax: number): Task[] {
    const tasks: Task[] = [];
    while (tasks.length < countMax && this.#length > 0) {
      tasks.push(this.#ring[this.#first] as Task);
      // The place is cleared, or the ring would keep the last values that passed through it alive.
      this.#ring[this.#first] = undefined;
      this.#first = (this.#first + 1) % this.#ring.length;
      this.#length -= 1;
    }
    return tasks;
  }
}
