/** `similarity.html`: suspicious pairs with their places side by side. */
import { escaped, page, table } from '../grade/reports/page.ts';
import { type Passage, type SimilarPair, shareMin } from './similar-pairs.ts';

/** More would make a page that nobody reads. */
const pairsShown = 50;
const linesShown = 40;

export interface SimilarityPage {
  readonly part: string;
  /** How many submissions were compared. */
  readonly students: number;
  readonly pairs: readonly SimilarPair[];
}

export function similarityPage({ part, students, pairs }: SimilarityPage): string {
  const shown = pairs.slice(0, pairsShown);
  const title = `${part}: similar submissions`;
  const list = table(
    `Pairs with at least ${percent(shareMin)} in common${pairs.length > shown.length ? `: the first ${shown.length} of ${pairs.length}` : ''}`,
    [
      { heading: 'Pair', kind: 'words' },
      { heading: 'In common', kind: 'number' },
    ],
    shown.map(({ one, other, share }) => [`${escaped(one)}, ${escaped(other)}`, percent(share)]),
  );
  return page(
    title,
    `<h1>${escaped(title)}</h1>
<p>${students} submissions were compared, without the code of the hand-out. Names, values, types, comments and layout do not
count. The share is that of the smaller submission. It is a reason to look, and no proof: short tasks have few solutions, and
students may have been allowed to work together.</p>
${pairs.length === 0 ? '<p>No pair is suspicious.</p>' : list}
${shown.map(pairSection).join('\n')}`,
  );
}

function pairSection({ one, other, share, places }: SimilarPair): string {
  const rows = places.map((place) => [`${place.tokens}`, passageCell(place.one), passageCell(place.other)]);
  return `<section>
<h2>${escaped(one)} and ${escaped(other)}: ${percent(share)}</h2>
${table(
  'The longest places in common, by the size of their syntax',
  [{ heading: 'Size' }, { heading: one, kind: 'words' }, { heading: other, kind: 'words' }],
  rows,
)}
</section>`;
}

function passageCell({ file, line, text }: Passage): string {
  const lines = text.split('\n');
  const more = lines.length > linesShown ? `\n... ${lines.length - linesShown} more lines` : '';
  return `<small>${escaped(file)}, line ${line}</small><pre>${escaped(lines.slice(0, linesShown).join('\n') + more)}</pre>`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
