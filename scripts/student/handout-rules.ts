import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An anchor, and the text up to the next anchor, item, paragraph or heading. An item of a rule's own list belongs to the rule. */
export const ruleText = /<a id="([^"]+)"><\/a>(.*?)(?=<a id=|\n\s*\n|\n- |\n\d+\. |\n#|$(?![\s\S]))/gs;

/** The rules of a hand-out in its own words, by their anchors, without its markup. */
export function handoutRules(readme: string): ReadonlyMap<string, string> {
  const rules = new Map<string, string>();
  let sharing: string[] = [];
  for (const [, anchor = '', found = ''] of readme.matchAll(ruleText)) {
    const text = found.replace(/\s+/g, ' ').replace(/[`*]/g, '').trim();
    // Two anchors in front of one text.
    sharing.push(anchor);
    if (text === '') continue;
    for (const one of sharing) rules.set(one, text);
    sharing = [];
  }
  return rules;
}

/** The words of a rule, by its address: `part1/README.md#list-get`; undefined if the hand-out does not state it. */
export function wordsIn(root: string): (rule: string) => string | undefined {
  const files = new Map<string, ReadonlyMap<string, string>>();
  return (rule) => {
    const [file = '', anchor = ''] = rule.split('#');
    const path = join(root, file);
    const rules =
      files.get(file) ?? (existsSync(path) ? handoutRules(readFileSync(path, 'utf8')) : new Map());
    files.set(file, rules);
    const words: string | undefined = rules.get(anchor);
    return words === undefined || words.length <= wordsMax ? words : shortened(words);
  };
}

/** Of a rule's words, in characters: the hand-out has the rest. */
const wordsMax = 400;
const wordsMin = 100;

/** Whole sentences, if one ends there. */
function shortened(words: string): string {
  const end = words.lastIndexOf('. ', wordsMax);
  return end < wordsMin ? `${words.slice(0, wordsMax)}…` : `${words.slice(0, end + 1)} …`;
}
