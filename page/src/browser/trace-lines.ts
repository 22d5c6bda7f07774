import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { word } from './words.ts';

const linesShown = 200;

interface LinesProps {
  readonly name: string;
  readonly lines: readonly string[];
}

/** A part of a trace that does not say what makes its run: its lines, some at a time. */
export function TraceLines({ name, lines }: LinesProps) {
  const [first, setFirst] = useState(0);
  const limit = Math.max(0, lines.length - linesShown);
  const last = Math.min(first + linesShown, lines.length);
  const go = (place: number) => setFirst(Math.max(0, Math.min(place, limit)));
  const place = word.value.traceLines(first + 1, last, lines.length);
  return html`
    <p role="status">${word.value.traceAlone} <span class="quiet">${name}</span></p>
    <pre class="trace-lines" lang="en" tabindex="0" role="region" aria-label=${place}>${lines.slice(first, last).join('\n')}</pre>
    <div class="buttons">
      <button onClick=${() => go(first - linesShown)} disabled=${first === 0}>← ${word.value.earlier}</button>
      <button onClick=${() => go(first + linesShown)} disabled=${first === limit}>${word.value.later} →</button>
      <span class="quiet">${place}</span>
    </div>
  `;
}
