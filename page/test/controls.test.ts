/** What a person may do, from the page, to the chain of `npm start`: kill, pause, resume, stop, add a server, load. */
import { join } from 'node:path';
import { spawnProgram } from '@tablelab/shared/testing';
import t from 'tap';
import { axeViolations } from './support/axe.ts';
import { newPage, noBrowser, root } from './support/browser.ts';

t.setTimeout(180_000);
const options = noBrowser === undefined ? {} : { skip: noBrowser };
const startDeadlineMs = 60_000;
const stepDeadlineMs = 40_000;

t.test('the controls of npm start', options, async (t) => {
  const launcher = spawnProgram(join(root, 'part4/src/programs/chain.ts'), ['--servers', '2'], {
    env: { ZOOKEEPER: '' },
  });
  t.teardown(() => launcher.stop({ deadlineMs: 30_000 }));
  const [, url = ''] = await launcher.waitForLine(/^dashboard on (\S+)$/, startDeadlineMs, 'stderr');
  const { origin } = new URL(url);
  const refused = await fetch(`${origin}/api/control`, { method: 'POST', body: '{"do":"add"}' });
  t.equal(refused.status, 403, 'without the token');

  const page = await newPage(t);
  await page.goto(url);
  page.setDefaultTimeout(stepDeadlineMs);
  const status = page.locator('header').getByRole('status');
  await status.getByText('2 servers in chain').waitFor();
  const controls = page.getByRole('region', { name: 'Controls' });
  const servers = page.getByRole('region', { name: 'The chain', exact: true }).getByRole('button');
  const button = (name: string) => controls.getByRole('button', { name, exact: true });
  t.ok(await button('kill').isDisabled(), 'no server is chosen');
  t.strictSame(await axeViolations(page), []);

  await button('Add a server').click();
  await controls.getByText('server 3 is in the chain').waitFor();
  await status.getByText('3 servers in chain').waitFor();
  await servers.nth(1).focus();
  await page.keyboard.press('Enter');
  await button('pause').click();
  await controls.getByText('pause: server 2').waitFor();
  await page
    .getByText(/does not answer/)
    .first()
    .waitFor();
  await button('resume').click();
  await controls.getByText('resume: server 2').waitFor();
  await status.getByText('3 servers in chain').waitFor();
  await controls.getByRole('slider').fill('200');
  await page.getByText(/writes [1-9]\d+ \/s/).waitFor();
  await controls.getByRole('slider').fill('0');

  await servers.first().focus();
  await page.keyboard.press('Enter');
  await button('kill').click();
  await launcher.waitForLine(/^server 1 ended \(SIGKILL\)/, startDeadlineMs, 'stderr');
  await status.getByText('2 servers in chain').waitFor();
  await servers.first().focus();
  await page.keyboard.press('Enter');
  await button('stop').click();
  await status.getByText('1 server in chain').waitFor();
  await page.close();
  launcher.endInput();
  t.strictSame(await launcher.exited, { code: 0, signal: null });
});
