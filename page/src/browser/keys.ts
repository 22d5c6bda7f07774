import { frames, goTo, position, stepBy, togglePlay } from './playground.ts';

/** The frames that Page Up and Page Down go. */
const leap = 100;

const actions: Readonly<Record<string, () => void>> = {
  ' ': togglePlay,
  ArrowRight: () => stepBy(1),
  ArrowLeft: () => stepBy(-1),
  PageDown: () => stepBy(leap),
  PageUp: () => stepBy(-leap),
  Home: () => stepBy(-position.value),
  End: () => goTo(frames.value.length - 1),
};

/** Keys that work anywhere, except where they have a meaning of their own. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (target.closest('input, select, [role="button"], .events') !== null) return;
    if (event.key === ' ' && target.closest('button') !== null) return;
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}
