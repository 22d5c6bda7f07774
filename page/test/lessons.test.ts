/** The lessons in a real browser: each played to its end in both languages, by the keyboard, and by an address. */
import { lessons } from '@tablelab/part4/sim/lessons';
import { LessonRun } from '@tablelab/part4/sim/lesson-run';
import { must } from '@tablelab/shared';
import type { Page } from 'playwright-core';
import t from 'tap';
import { axeViolations } from './support/axe.ts';
import { noBrowser, openPage } from './support/browser.ts';

t.setTimeout(600_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

type Lesson = (typeof lessons)[number];

/** What the choices of a lesson's question come to with the right core. */
async function choicesInNode(lesson: Lesson): Promise<readonly boolean[]> {
  const run = new LessonRun(lesson);
  await run.begin();
  await run.playToTheEnd();
  return must(
    run.played.find(({ choices }) => choices.length > 0),
    'a lesson has a question',
  ).choices;
}

/** Waits until a step is shown with all that happens in it, or up to its question. */
async function stepShown(page: Page, text: string): Promise<void> {
  await page.waitForFunction((expected) => {
    const slider = document.querySelector<HTMLInputElement>('input[type="range"]');
    const isShown = document.querySelector('.step-text')?.textContent === expected;
    return isShown && slider !== null && slider.value === slider.max;
  }, text);
}

function goToHash(page: Page, hash: string): Promise<void> {
  return page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

for (const language of ['en', 'pt'] as const) {
  t.test(`every lesson is played to its end, ${language}`, options, async (t) => {
    const { page } = await openPage(t, `#lessons=&lang=${language}`);
    // Then the end of each step is shown at once.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('.lessons li').first().waitFor();
    t.equal(await page.locator('.lessons li').count(), lessons.length);
    for (const lesson of lessons) {
      const { name, mutant, steps, title } = lesson;
      const inNode = await choicesInNode(lesson);
      await goToHash(page, `lesson=${name}&step=1&lang=${language}`);
      await page.getByRole('heading', { name: title[language], exact: true }).waitFor();
      for (const [index, { text, question }] of steps.entries()) {
        const what = `${name}, step ${index + 1}`;
        await stepShown(page, text[language]);
        t.match(page.url(), new RegExp(`#lesson=${name}&step=${index + 1}&lang=${language}$`));
        if (question !== undefined) {
          await page.getByText(question.text[language], { exact: true }).waitFor();
          t.equal(await page.locator('.question button').count(), question.choices.length, what);
          t.equal(await page.locator('.verdict').textContent(), '', `${what}: the reason is not told before`);
          t.equal(await page.locator('.ring, .path').count(), 0, `${what}: nor is it shown`);
          const contradictions = page.locator('.no-order, .odd, .broken');
          t.equal(await contradictions.count(), 0, `${what}: nor that the answers contradict each other`);
          await page.keyboard.press('ArrowRight');
          t.ok(await page.locator('input[type="range"]').isDisabled(), `${what}: nor can it be gone to`);
          await page.locator('.question button').first().click();
          await page.getByText(question.reason[language], { exact: true }).waitFor();
          const happens = await page
            .locator('.question li')
            .evaluateAll((all) => all.map(({ className }) => className === 'happens'));
          t.equal(happens.filter(Boolean).length, 1, `${what}: one choice is what happens`);
          const place = happens.indexOf(true);
          t.equal(
            inNode[place],
            mutant === undefined,
            `${what}: as in Node, with a core that ${mutant ?? 'is right'}`,
          );
        }
        t.ok((await page.locator('.ring, .path').count()) > 0, `${what}: the drawing shows what it is about`);
        if (index < steps.length - 1) await page.keyboard.press('ArrowRight');
      }
      await page.locator('a.button').waitFor();
      const isBroken = (await page.locator('.broken').count()) > 0;
      if (mutant === undefined) t.notOk(isBroken, `${name}: no rule is broken`);
      if (mutant === 'ignore-the-lease') t.ok(isBroken, `${name}: the rule that is broken is named`);
    }
  });
}

t.test('a lesson by the keyboard alone', options, async (t) => {
  const { page } = await openPage(t, '#lessons=&lang=en');
  const [lesson, next] = lessons.slice(0, 2) as [Lesson, Lesson];
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  const tabTo = async (name: string) => {
    for (let count = 0; count < 100; count += 1) {
      await page.keyboard.press('Tab');
      if ((await focused()).startsWith(name)) return;
    }
    t.fail(`${name} can be reached`);
  };
  await page.locator('.lessons li').first().waitFor();
  await tabTo(lesson.title.en);
  await page.keyboard.press('Enter');
  const asks = lesson.steps.findIndex(({ question }) => question !== undefined);
  const textOf = (index: number) => must(lesson.steps[index], 'a step of the lesson').text.en;
  for (let index = 0; index < asks; index += 1) {
    await stepShown(page, textOf(index));
    await page.keyboard.press('ArrowRight');
  }
  await stepShown(page, textOf(asks));
  await page.keyboard.press('ArrowLeft');
  await stepShown(page, textOf(asks - 1));
  await page.keyboard.press('ArrowRight');
  await stepShown(page, textOf(asks));
  await page.keyboard.press('3');
  await page.locator('.verdict').getByText('Right.').waitFor();
  await page.locator('.question button[aria-pressed="true"]').getByText('your answer').waitFor();
  await page.keyboard.press('1');
  await page.locator('.verdict').getByText('Something else happens.').waitFor();
  for (let index = asks + 1; index < lesson.steps.length; index += 1) {
    await page.keyboard.press('ArrowRight');
    await stepShown(page, textOf(index));
  }
  const operations = await page.locator('.operation title').allTextContents();
  t.ok(operations.includes('get "a" -> "new"'), 'the diagram tells what was answered');
  await tabTo('Next lesson');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: next.title.en, exact: true }).waitFor();
});

t.test('an address names lesson, step and language', options, async (t) => {
  const lesson = must(lessons[0], 'there are lessons');
  const asks = lesson.steps.findIndex(({ question }) => question !== undefined);
  const { text, question } = must(lesson.steps[asks], 'it has a question');
  const { page } = await openPage(t, `#lesson=${lesson.name}&step=${asks + 1}&lang=pt`);
  await stepShown(page, text.pt);
  await page.getByText(must(question, 'it has a question').text.pt, { exact: true }).waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await stepShown(page, text.en);
  t.match(page.url(), new RegExp(`step=${asks + 1}&lang=en$`));
  t.equal(await page.locator('[lang="pt-PT"]').count(), 0, 'the language is said to those who hear the page');

  await goToHash(page, 'lesson=none&lang=pt');
  await page.getByRole('alert').getByText('Essa lição não existe').waitFor();
  await page.getByRole('link', { name: lesson.title.pt, exact: true }).click();
  await stepShown(page, must(lesson.steps[0], 'it has steps').text.pt);
  await page.getByRole('link', { name: 'Experimentar' }).click();
  await page.getByText('Semente 1,').waitFor();
  t.match(page.url(), /#seed=1&.*lang=pt$/);
});

t.test('the playground goes on from the end of a lesson', options, async (t) => {
  const { name, steps } = must(lessons[0], 'there are lessons');
  const { page } = await openPage(t, `#lesson=${name}&step=${steps.length}&lang=en`);
  await page.getByRole('link', { name: 'Go on from here by hand' }).click();
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  t.match(await page.locator('.done li').allTextContents(), [/^put a old/, /^put a new/, /^get a/]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`axe finds nothing to object to at a question, ${colorScheme}`, options, async (t) => {
    const { page } = await openPage(t, '#lesson=committed&step=5&lang=pt');
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.locator('.question button:enabled').first().waitFor();
    await page.locator('.server').first().waitFor();
    t.same(await axeViolations(page), [], 'before the answer');
    await page.keyboard.press('1');
    await page.locator('.happens').waitFor();
    t.same(await axeViolations(page), [], 'and after it');
    await goToHash(page, 'lessons=&lang=pt');
    await page.locator('.lessons').waitFor();
    t.same(await axeViolations(page), [], 'and of the list');
  });
}

t.test('a lesson fits on a phone', options, async (t) => {
  const { page } = await openPage(t, '#lesson=committed&step=5&lang=pt');
  await page.setViewportSize({ width: 360, height: 800 });
  await page.locator('.server').first().waitFor();
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 360);
});
