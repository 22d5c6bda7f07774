/** The rules of a hand-out in its own words, by their anchors, without its markup. */
export function handoutRules(readme: string): ReadonlyMap<string, string> {
  const rules = new Map<string, string>();
  for (const [, anchor = '', text = ''] of readme.matchAll(
    /<a id="([^"]+)"><\/a>(.*?)(?=\n\s*\n|\n- |\n#|$(?![\s\S]))/gs,
  )) {
    rules.set(anchor, text.replace(/\s+/g, ' ').replace(/[`*]/g, '').trim());
  }
  return rules;
}
