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
