/** What all HTML pages have in common: they need nothing beside them, run no script, and can be read in light and dark. */

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  --good: light-dark(#116329, #56d364); --bad: light-dark(#b3121d, #ff8a80); --open: light-dark(#7d4e00, #e3b341);
  --line: light-dark(#d0d7de, #444c56); --soft: light-dark(#f3f5f7, #22272e); --bar: light-dark(#4174b8, #5a92d8); }
body { max-width: 70rem; margin: 0 auto; padding: 1rem; background: light-dark(#fff, #16191d); color: light-dark(#1c2024, #e2e6ea); }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .3rem 0; color: light-dark(#57606a, #a8b2bd); }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.group > * { font-weight: 600; background: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .open { color: var(--open); }
.good, .bad, .open { white-space: nowrap; }
tbody th { min-width: 7rem; }
td ul { margin: 0; padding-left: 1.2rem; }
td.words, th.words { overflow-wrap: anywhere; min-width: 14rem; }
td.bar { width: 40%; min-width: 6rem; } td.bar div { height: 1.1em; min-width: 1px; margin-top: .2em; background: var(--bar); }
code, pre, small { font-size: .875rem; } code { overflow-wrap: anywhere; }
small { color: light-dark(#57606a, #a8b2bd); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .6rem; background: var(--soft); border-radius: .3rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
@media (max-width: 32rem) { th, td { padding: .3rem; } td.words, th.words { min-width: 9rem; } }
@media print { .scroll { overflow: visible; } }
`;

/** @param body HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** A column: its heading, and whether it has numbers or long texts. */
export interface Column {
  readonly heading: string;
  readonly kind?: 'number' | 'words' | 'bar';
}

/**
 * A table that scrolls in its own box on a narrow screen; the box takes the keyboard's focus, so that it can be scrolled without a mouse.
 * @param rows cells as HTML; the first one is the heading of its row
 */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const kind = (index: number) => {
    const name = columns[index]?.kind;
    return name === undefined ? '' : ` class="${name}"`;
  };
  const head = columns.map(({ heading }, index) => `<th scope="col"${kind(index)}>${escaped(heading)}</th>`);
  const body = rows.map((cells) => {
    const [first = '', ...others] = cells;
    const rest = others.map((cell, index) => `<td${kind(index + 1)}>${cell}</td>`);
    return `<tr><th scope="row"${kind(0)}>${first}</th>${rest.join('')}</tr>`;
  });
  return scrolling(
    caption,
    `<table>
<caption>${escaped(caption)}</caption>
<thead><tr>${head.join('')}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>`,
  );
}

/** @param content HTML. */
export function scrolling(label: string, content: string): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escaped(label)}">${content}</div>`;
}

/** A bar of `part` of `whole`. What it shows also stands in another cell as a number. */
export function bar(part: number, whole: number): string {
  const percent = whole === 0 ? 0 : (100 * part) / whole;
  return `<div aria-hidden="true" style="width:${percent.toFixed(1)}%"></div>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
