import type { Page } from 'playwright-core';

/**
 * What the page says in its own language: the texts and names of all elements, seen or read out. Left out is what has a language
 * of its own (`lang`), such as a line of a trace, and code.
 */
export function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts = new Set<string>();
    const add = (text: string | null) => {
      const words = (text ?? '').replace(/\s+/g, ' ').trim();
      if (words !== '') texts.add(words);
    };
    for (const element of document.querySelectorAll('title, body *')) {
      if (element.closest('body [lang], code, script, noscript') !== null) continue;
      for (const name of ['aria-label', 'aria-valuetext', 'aria-description', 'title', 'placeholder', 'alt'])
        add(element.getAttribute(name));
      const own = [...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
      add(own.map(({ textContent }) => textContent).join(' '));
    }
    return [...texts];
  });
}
