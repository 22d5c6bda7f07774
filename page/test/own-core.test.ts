/** `npm run page -- --core FILE`: the page plays a student's core, and says what is wrong with it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChainCore } from '../../part4/src/core/chain-core.ts';
import { runSeed } from '@tablelab/part4/sim/run-seed';
import { must } from '@tablelab/shared';
import t from 'tap';
import { OwnCore } from '../src/server/own-core.ts';
import { noBrowser, root } from './support/browser.ts';
import { openCopy } from './support/own-core.ts';

t.setTimeout(300_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };

/** The line with which a method begins. */
function beginningOf(source: string): string {
  return must(/^ {2}readRefusal\(.*\{$/m.exec(source)?.[0], 'the core has the method');
}

t.test(
  'the core is played again when it is saved, and its error is shown with file and line',
  options,
  async (t) => {
    const { page, folder, change } = await openCopy(t, '#seed=3');
    await page.getByRole('status').getByText('No rule was broken').waitFor();
    t.equal(await page.locator('p[role="status"] code').textContent(), (await runSeed({ seed: 3 })).hash);
    t.equal(await page.locator('code.core').textContent(), join(folder, 'chain-core.ts'));

    const source = readFileSync(join(folder, 'chain-core.ts'), 'utf8');
    const head = beginningOf(source);
    const place = change('chain-core.ts', head, `${head}\n    throw new Error('not yet');`);
    await page.getByRole('status').getByText('The core has an error: Error: not yet').waitFor();
    const [file, line] = place.split(/:(?=\d+$)/);
    t.match(
      await page.locator('pre.why').textContent(),
      `${file}:${Number(line) + 1}:`,
      'where it was thrown',
    );
    t.ok(await page.locator('.server').count(), 'and the chain is shown as it was');

    writeFileSync(
      join(folder, 'chain-core.ts'),
      source.replace(head, () => `${head}\n    return (;`),
    );
    await page
      .getByRole('alert')
      .getByText(`${file}: line ${Number(line) + 1}:`)
      .waitFor();

    writeFileSync(join(folder, 'chain-core.ts'), source);
    await page.getByRole('status').getByText('No rule was broken').waitFor();
  },
);

t.test('a run is opened where an invariant breaks', options, async (t) => {
  const { page, change } = await openCopy(t, '#seed=1', ['chain-core.ts']);
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  const head = beginningOf(readFileSync(join(root, 'part4/src/core/chain-core.ts'), 'utf8'));
  change('chain-core.ts', head, `${head}\n    return undefined;`);
  await page.getByRole('status').getByText('A rule was broken').waitFor();
  const slider = page.locator('input[type="range"]');
  t.equal(await slider.inputValue(), await slider.getAttribute('max'), 'at the end of the run');
  await page.locator('.events li[aria-current]').getByText('FAILURE').waitFor();
});

t.test('a loop without end is ended, and the page can go on', options, async (t) => {
  const { page, change, folder } = await openCopy(t, '#seed=3');
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  const source = readFileSync(join(folder, 'chain-core.ts'), 'utf8');
  const head = beginningOf(source);
  change('chain-core.ts', head, `${head}\n    for (;;);`);
  await page.getByRole('alert').getByText('does a loop in the core never end?').waitFor();
  writeFileSync(join(folder, 'chain-core.ts'), source);
  await page.getByRole('status').getByText('No rule was broken').waitFor();
});

t.test('a name that the core no longer exports is named', options, async (t) => {
  const { page, folder } = await openCopy(t, '#seed=3');
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  writeFileSync(join(folder, 'chain-core.ts'), 'export class OtherCore {}\n');
  await page.getByRole('alert').getByText('the core’s file exports no class ChainCore').waitFor();
});

t.test('a file that is not there is a usage error', (t) => {
  t.throws(() => new OwnCore(root, '/nowhere/chain-core.ts'), {
    message: 'there is no file /nowhere/chain-core.ts',
  });
  t.end();
});

/** A core that always answers reads. */
class CarelessCore extends ChainCore {
  override readRefusal(): undefined {
    return undefined;
  }
}

t.test('a run that breaks a rule is opened at the event that broke it', options, async (t) => {
  const { failureStep, hash } = await runSeed({ seed: 1, Core: CarelessCore });
  const { page, folder, change } = await openCopy(t, '#seed=1', ['chain-core.ts']);
  await page.getByRole('status').getByText('No rule was broken').waitFor();
  const beginning = beginningOf(readFileSync(join(folder, 'chain-core.ts'), 'utf8'));
  change('chain-core.ts', beginning, `${beginning}\n    if (true as boolean) return undefined;`);
  await page.getByRole('status').getByText('A rule was broken').waitFor();
  await page.evaluate(() => {
    location.hash = '#seed=1';
  });
  await page.waitForFunction(
    (step) => document.querySelector('output')?.textContent?.endsWith(` ${step}`),
    failureStep,
  );
  t.equal(await page.locator('p[role="status"] code').textContent(), hash);
});
