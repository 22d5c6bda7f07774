import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The rules of part 4's hand-out, as the page shows them. They are taken from its text. */

/** A piece of a text: names of the code look like such. */
export interface TextPiece {
  readonly text: string;
  readonly isCode: boolean;
}

export interface RuleText {
  readonly anchor: string;
  /** The heading below which it stands. */
  readonly section: string;
  readonly pieces: readonly TextPiece[];
}

/** The hand-out of each language. A student's has one of them, and calls it `README.md`. */
const readmes = { en: 'part4/README.md', pt: 'part4/README.pt.md' } as const;

export type RuleLanguage = keyof typeof readmes;

/** The rules in the order of the hand-out. */
export function rulesIn(root: string, language: RuleLanguage): RuleText[] {
  const own = join(root, readmes[language]);
  return rulesOf(readFileSync(existsSync(own) ? own : join(root, readmes.en), 'utf8'));
}

const heading = /^#{2,3} (.*)$/;
const ruleStart = /^(?:-|\d+\.) <a id="([\w-]+)"><\/a>(.*)$/;

function rulesOf(markdown: string): RuleText[] {
  const found: { anchor: string; section: string; text: string }[] = [];
  let section = '';
  let isIn = false;
  for (const line of markdown.split('\n')) {
    const [, anchor, beginning = ''] = ruleStart.exec(line) ?? [];
    section = heading.exec(line)?.[1] ?? section;
    const open = found.at(-1);
    if (anchor !== undefined) found.push({ anchor, section, text: beginning });
    else if (isIn && /^ +\S/.test(line) && open !== undefined) open.text += ` ${line.trim()}`;
    isIn = anchor !== undefined || (isIn && /^ +\S/.test(line));
  }
  return found.map(({ anchor, section, text }) => ({ anchor, section, pieces: piecesOf(text) }));
}

/** Without the marks of links and of emphasis. */
function piecesOf(text: string): TextPiece[] {
  return text
    .split(/(`[^`]+`)/)
    .filter((piece) => piece !== '')
    .map((piece) => {
      if (piece.startsWith('`')) return { text: piece.slice(1, -1), isCode: true };
      const plain = piece.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('**', '');
      return { text: plain.replaceAll(/(^|\W)_([^_]+)_(?=\W|$)/g, '$1$2'), isCode: false };
    });
}
