import { choose, stepIndex, stepTo } from './lesson-player.ts';
import { bounds, goTo, pause, position, stepBy, togglePlay } from './player.ts';
import { view } from './view.ts';

/** The frames that Page Up and Page Down go. */
const leap = 100;

type Actions = Readonly<Record<string, () => void>>;

const playgroundActions: Actions = {
  ' ': togglePlay,
  ArrowRight: () => stepBy(1),
  ArrowLeft: () => stepBy(-1),
  PageDown: () => stepBy(leap),
  PageUp: () => stepBy(-leap),
  Home: () => stepBy(-position.value),
  End: () => {
    pause();
    goTo(bounds.value.last);
  },
};

const lessonActions: Actions = {
  ' ': togglePlay,
  ArrowRight: () => stepTo(stepIndex.value + 1),
  ArrowLeft: () => stepTo(stepIndex.value - 1),
  1: () => choose(0),
  2: () => choose(1),
  3: () => choose(2),
  4: () => choose(3),
};

const actions = {
  playground: playgroundActions,
  lesson: lessonActions,
  lessons: {} as Actions,
  replay: {} as Actions,
};

/** Keys that work anywhere, except where they have a meaning of their own. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    // What has `tabindex` is scrolled by the same keys, such as the content of a message.
    if (target.closest('input, select, [tabindex="0"], .events') !== null) return;
    if (event.key === ' ' && target.closest('button, a') !== null) return;
    const action = actions[view.value][event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
