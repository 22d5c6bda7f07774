/**
 * Compares two languages of a text, as far as a program can: a change of one that forgets the other shows in a number, a name of the code,
 * an anchor, a block of code or a section.
 */

import { ruleText } from '../../scripts/student/handout-rules.ts';

/** A rule of a hand-out, or what stands in a section outside of rules. */
interface Unit {
  readonly name: string;
  readonly text: string;
}

/** Code blocks with their fences. */
const fencedBlock = /^```\w+\n.*?^```$/gms;
const heading = /^(#{1,6}) .*$/gm;
const anchor = /<a id="([^"]+)"><\/a>/g;

/** What differs, one line each, with the rule or the section. */
export function translationProblems(original: string, translated: string): string[] {
  const [one, other] = [original, translated].map((text) => unitsOf(text)) as [Unit[], Unit[]];
  const problems = [
    ...differences('sections', levels(original), levels(translated)),
    ...differences('code blocks', blocks(original), blocks(translated)),
    ...differences('rules', anchors(original), anchors(translated)),
  ];
  // If these differ, it is unclear which unit corresponds to which.
  if (problems.length > 0) return problems;
  return one.flatMap(({ name, text }, index) => {
    const counterpart = other[index]?.text ?? '';
    return [
      ...differences(`${name}: numbers`, numbers(text), numbers(counterpart)),
      ...differences(`${name}: code`, codeSpans(text), codeSpans(counterpart)),
      ...differences(`${name}: names`, names(text), names(counterpart)),
      ...differences(`${name}: links`, links(text), links(counterpart)),
      ...differences(`${name}: paragraphs, items and rows`, [lineKinds(text)], [lineKinds(counterpart)]),
    ];
  });
}

function differences(what: string, original: readonly string[], translated: readonly string[]): string[] {
  const missing = without(original, translated);
  const added = without(translated, original);
  const inOrder = original.join('\n') === translated.join('\n');
  if (missing.length === 0 && added.length === 0) return inOrder ? [] : [`${what}: in another order`];
  return [`${what}: ${shown(missing)} in the original, ${shown(added)} in the translation`];
}

/** The items that the other list does not have, or has fewer times. */
function without(items: readonly string[], other: readonly string[]): string[] {
  const left = [...other];
  return items.filter((item) => {
    const found = left.indexOf(item);
    if (found !== -1) left.splice(found, 1);
    return found === -1;
  });
}

function shown(items: readonly string[]): string {
  return items.length === 0 ? 'nothing more' : items.join(' | ');
}

const matches = (text: string, pattern: RegExp, group = 0) =>
  [...text.matchAll(pattern)].map((match) => match[group] ?? '');

const levels = (text: string) => matches(text.replace(fencedBlock, ''), heading, 1);
const blocks = (text: string) => matches(text, fencedBlock);
const anchors = (text: string) => matches(text, anchor, 1);

/** Numbers without the marks between their digits: `1,000` and `0.2` are `1000` and `0,2` in Portuguese. */
const numbers = (text: string) =>
  matches(text.replace(/`[^`]*`/g, '').replace(/(?<=\d)[.,\u00a0](?=\d)/g, ''), /\d+/g).sort();

const codeSpans = (text: string) => matches(text.replace(/\s+/g, ' '), /`[^`]+`/g).sort();

/** Names of the code outside of backticks: error codes, opcodes, signals. */
const names = (text: string) =>
  [...new Set(matches(text.replace(/`[^`]*`/g, ''), /\b[A-Z][A-Z_]{3,}\b/g))].sort();

const links = (text: string) => matches(text, /\]\(([^)]+)\)/g, 1).sort();

function lineKinds(text: string): string {
  const count = (pattern: RegExp) => matches(text, pattern).length;
  return `${count(/^\|/gm)} rows, ${count(/^ *(?:-|\d+\.) /gm)} items, ${count(/\n\s*\n/g)} paragraphs`;
}

/** The text outside of fenced blocks: each rule, and the rest of each section. */
function unitsOf(whole: string): Unit[] {
  const text = whole.replace(fencedBlock, '');
  const rules = [...text.matchAll(ruleText)].map(([, name, rule = '']) => ({
    name: `rule ${name}`,
    text: rule,
  }));
  const titles = [
    'the beginning',
    ...matches(text, heading).map((line) => `section "${line.replace(/^#+ /, '')}"`),
  ];
  const sections = text.replace(ruleText, '').split(heading);
  // `split` also returns the group of the pattern, the level.
  return [...rules, ...titles.map((name, index) => ({ name, text: sections[2 * index] ?? '' }))];
}
