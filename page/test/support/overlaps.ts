import type { Page } from 'playwright-core';

/** What lies on something else in the drawing, or reaches out of its box. */
export function overlaps(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const rectOf = (element: Element) => element.getBoundingClientRect();
    const isOn = (one: DOMRect, other: DOMRect) =>
      one.left < other.right - 0.5 &&
      other.left < one.right - 0.5 &&
      one.top < other.bottom - 0.5 &&
      other.top < one.bottom - 0.5;
    const boxes = [...document.querySelectorAll('.chain .server, .chain .zookeeper, .chain .client')];
    for (const [index, box] of boxes.entries()) {
      const name = box.textContent?.replace(/\s+/g, ' ');
      const own = rectOf(box.querySelector('rect') as Element);
      if (own.right > document.documentElement.clientWidth || own.left < 0) found.push(`${name} is cut off`);
      for (const other of boxes.slice(index + 1)) {
        if (isOn(own, rectOf(other.querySelector('rect') as Element)))
          found.push(`${name} is on ${other.textContent}`);
      }
      const texts = [...box.querySelectorAll('text')];
      for (const [place, text] of texts.entries()) {
        const { left, right, top, bottom } = rectOf(text);
        if (left < own.left || right > own.right || top < own.top || bottom > own.bottom)
          found.push(`${text.textContent} reaches out of ${name}`);
        for (const other of texts.slice(place + 1)) {
          // Lines may touch: letters are lower than the lines of a font.
          const beside = rectOf(other);
          if (Math.abs(beside.top - top) < 4 && isOn(rectOf(text), beside))
            found.push(`${text.textContent} is on ${other.textContent}`);
        }
      }
    }
    return found;
  });
}
