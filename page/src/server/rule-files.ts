import { type RuleLanguage, type RuleText, rulesIn, type TextPiece } from './rule-texts.ts';

const titles: Readonly<Record<RuleLanguage, string>> = {
  en: 'The rules of the chain',
  pt: 'As regras da cadeia',
};

/**
 * The files of the site that hold the rules: a module for the pane of a server, and a page in each language to which it links.
 */
export function ruleFiles(root: string): Map<string, { readonly type: string; readonly body: string }> {
  const rules = { en: rulesIn(root, 'en'), pt: rulesIn(root, 'pt') };
  const byAnchor = (texts: readonly RuleText[]) =>
    Object.fromEntries(texts.map(({ anchor, pieces }) => [anchor, pieces]));
  const data = JSON.stringify({ en: byAnchor(rules.en), pt: byAnchor(rules.pt) });
  const html = 'text/html; charset=utf-8';
  return new Map([
    ['modules/rules.js', { type: 'text/javascript; charset=utf-8', body: `export const rules = ${data};\n` }],
    ['rules.html', { type: html, body: pageOf('en', rules.en) }],
    ['rules.pt.html', { type: html, body: pageOf('pt', rules.pt) }],
  ]);
}

function pageOf(language: RuleLanguage, rules: readonly RuleText[]): string {
  const sections = Map.groupBy(rules, ({ section }) => section);
  const body = [...sections].map(([section, own]) => {
    const items = own.map(
      ({ anchor, pieces }) => `<li id="${anchor}"><code>${anchor}</code> ${pieces.map(htmlOf).join('')}</li>`,
    );
    return `<h2>${escaped(section)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
  });
  return `<!doctype html>
<html lang="${language === 'pt' ? 'pt-PT' : 'en'}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${titles[language]}</title>
    <link rel="icon" href="icon.svg" />
    <link rel="stylesheet" href="page.css" />
  </head>
  <body>
    <main class="rules">
<h1>${titles[language]}</h1>
${body.join('\n')}
    </main>
  </body>
</html>
`;
}

function htmlOf({ text, isCode }: TextPiece): string {
  return isCode ? `<code>${escaped(text)}</code>` : escaped(text);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
