import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { keptMs, type LivePoint } from '../../dashboard/live-messages.ts';
import { useWidth } from '../use-width.ts';
import { language } from '../view.ts';
import { liveWord } from '../words/live.ts';
import { timeOfDay } from '../words/numbers.ts';
import { events, now, points } from './live-source.ts';
import { groupedNumber, milliseconds } from './number-text.ts';

const msPerSecond = 1_000;
const chartHeight = 170;

interface Line {
  readonly label: () => string;
  readonly of: (point: LivePoint) => number | undefined;
  /** One of the page's colours. */
  readonly color: string;
  /** Lengths of line and gap: colour is not the only sign. */
  readonly dash?: number[];
}

interface ChartPlan {
  readonly title: 'operationsPerSecond' | 'writeTime' | 'readTime';
  readonly lines: readonly Line[];
  readonly text: (value: number | undefined) => string;
  /** Whether the figure above the chart is the last that is known, and not that of this moment. */
  readonly isKept: boolean;
  /** Its figures are shown without decimals. */
  readonly isWhole: boolean;
}

const perSecond = (value: number | undefined) => (value === undefined ? '–' : `${groupedNumber(value)} /s`);

function quantileLines(of: (point: LivePoint) => LivePoint['readMs']): Line[] {
  return [
    { label: () => 'p50', of: (point) => of(point)?.[0], color: '--good' },
    { label: () => 'p99', of: (point) => of(point)?.[1], color: '--message', dash: [6, 3] },
    { label: () => 'p99.9', of: (point) => of(point)?.[2], color: '--bad', dash: [2, 3] },
  ];
}

const plans: readonly ChartPlan[] = [
  {
    title: 'operationsPerSecond',
    text: perSecond,
    isKept: false,
    isWhole: true,
    lines: [
      { label: () => liveWord.value.reads, of: ({ reads }) => reads, color: '--accent' },
      { label: () => liveWord.value.writes, of: ({ writes }) => writes, color: '--message', dash: [6, 3] },
    ],
  },
  {
    title: 'writeTime',
    text: milliseconds,
    isKept: true,
    isWhole: false,
    lines: quantileLines(({ writeMs }) => writeMs),
  },
  {
    title: 'readTime',
    text: milliseconds,
    isKept: true,
    isWhole: false,
    lines: quantileLines(({ readMs }) => readMs),
  },
];

/** What the servers did over the last ten minutes, with views and faults on the same axis. */
export function Charts() {
  const word = liveWord.value;
  return html`
    <section aria-label=${word.lastTenMinutes}>
      <div class="charts">${plans.map((plan) => html`<${Chart} key=${plan.title} plan=${plan} />`)}</div>
      <p class="legend quiet">
        <span><span class="sign dots" aria-hidden="true"></span> ${word.newView}</span>
        <span><span class="sign dashes" aria-hidden="true"></span> ${word.fault}</span>
        <span>${word.whatTimesAre}</span>
      </p>
    </section>
  `;
}

function Chart({ plan }: { readonly plan: ChartPlan }) {
  const [holder, width] = useWidth();
  const chart = useRef<uPlot | undefined>(undefined);
  const isDark = useIsDark();
  const shown = points.value;
  const inLanguage = language.value;
  useEffect(() => {
    if (width === 0 || holder.current === null) return;
    const made = new uPlot(optionsOf(plan, width), dataOf(plan, points.value), holder.current);
    chart.current = made;
    return () => {
      chart.current = undefined;
      made.destroy();
    };
  }, [width, isDark, inLanguage]);
  useEffect(() => chart.current?.setData(dataOf(plan, shown)), [shown, plan]);
  // A time stays until there is a newer one: a single operation's would be gone within half a second.
  const last = plan.isKept
    ? shown.findLast((point) => plan.lines.some(({ of }) => of(point) !== undefined))
    : shown.at(-1);
  const lastTexts = plan.lines.map(({ label, of }) => `${label()} ${plan.text(last && of(last))}`);
  return html`
    <figure>
      <figcaption><strong>${liveWord.value[plan.title]}</strong> <span class="quiet">${lastTexts.join(' · ')}</span></figcaption>
      <div class="plot" ref=${holder} aria-hidden="true"></div>
    </figure>
  `;
}

function useIsDark(): boolean {
  const query = matchMedia('(prefers-color-scheme: dark)');
  const [isDark, setDark] = useState(query.matches);
  useEffect(() => {
    const change = (event: MediaQueryListEvent) => setDark(event.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  });
  return isDark;
}

function dataOf({ lines }: ChartPlan, shown: readonly LivePoint[]): uPlot.AlignedData {
  return [
    shown.map(({ at }) => at / msPerSecond),
    ...lines.map(({ of }) => shown.map((point) => of(point) ?? null)),
  ];
}

/** Between the labels of a rate, so that no two are the same. */
const wholeSteps = Array.from({ length: 8 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();

function optionsOf({ lines, text, isWhole }: ChartPlan, width: number): uPlot.Options {
  const color = colorsOfPage();
  const axis = {
    stroke: color('--quiet'),
    grid: { stroke: color('--line'), width: 0.5 },
    ticks: { show: false },
  };
  return {
    width,
    height: chartHeight,
    // Room for half of the last label.
    padding: [8, 32, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, sync: { key: 'live' } },
    scales: {
      x: { range: shownRange },
      y: { range: (_chart, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      // The first label is below the lowest one of the other axis.
      { ...axis, space: 80, gap: 10, size: 40, values: (_chart, seconds) => seconds.map(timeText) },
      {
        ...axis,
        size: 64,
        values: (_chart, values) => values.map((value) => text(value)),
        ...(isWhole ? { incrs: wholeSteps } : {}),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, color: name, dash }) => ({
        label: label(),
        stroke: color(name),
        width: 1.5,
        spanGaps: true,
        // One operation alone has no line.
        points: { size: 4 },
        ...(dash === undefined ? {} : { dash }),
      })),
    ],
    hooks: { draw: [(chart) => drawEvents(chart, color)] },
  };
}

/** Of a page that has just been opened, not all ten minutes, in seconds. */
const shownSecondsMin = 60;

/** In seconds. */
function shownRange(): [from: number, to: number] {
  const to = (now.value?.at ?? 0) / msPerSecond;
  const first = (points.value[0]?.at ?? 0) / msPerSecond;
  return [Math.max(to - keptMs / msPerSecond, Math.min(first, to - shownSecondsMin)), to];
}

function timeText(seconds: number): string {
  return timeOfDay(seconds * msPerSecond);
}

/** Canvas knows no CSS variables, nor `light-dark()`; an element's computed colour is one that it knows. */
function colorsOfPage(): (name: string) => string {
  const probe = document.createElement('span');
  document.body.append(probe);
  const colors = new Map(
    ['--accent', '--message', '--good', '--bad', '--quiet', '--line'].map((name) => {
      probe.style.color = `var(${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  );
  probe.remove();
  return (name) => colors.get(name) ?? 'gray';
}

function drawEvents(chart: uPlot, color: (name: string) => string): void {
  const { ctx: context, bbox } = chart;
  context.save();
  for (const { at, kind } of events.value) {
    if (kind !== 'view' && kind !== 'fault') continue;
    const x = Math.round(chart.valToPos(at / msPerSecond, 'x', true));
    if (x < bbox.left) continue;
    context.strokeStyle = color(kind === 'view' ? '--accent' : '--bad');
    context.setLineDash(kind === 'view' ? [1, 3] : [4, 3]);
    context.beginPath();
    context.moveTo(x, bbox.top);
    context.lineTo(x, bbox.top + bbox.height);
    context.stroke();
  }
  context.restore();
}
