import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { ChainStore } from '@tablelab/keyv';
import { must } from '@tablelab/shared';
import Keyv from 'keyv';
import t from 'tap';
import { startChain } from './support/chain.ts';
import { Kills } from './support/kills.ts';
import { casesOf } from './support/suite.ts';

/** Keyv's own test suite (@keyv/test-suite), each case of it, on a chain of three real servers. */

t.setTimeout(55_000);

const chain = await startChain(t, 3);
const table = await chain.connect();
/** The suite asks for a store for each Keyv, since a Keyv gives its store its namespace. */
const store = () => new ChainStore(table);
const cases = casesOf((test) => {
  keyvTestSuite(test, Keyv, store);
  keyvIteratorTests(test, Keyv, store);
});

t.test('the suite is there', async (t) => {
  t.equal(cases.length, 42);
});

for (const { title, run } of cases) t.test(title, run);

t.test('the same while one server after another is killed and replaced', async (t) => {
  // Each kill takes as long as the start of a server: two seconds, and twenty on a busy machine.
  t.setTimeout(240_000);
  const kills = new Kills(chain);
  t.teardown(() => kills.pause());
  const killsMin = 6;
  let ran = 0;
  while (kills.count < killsMin || ran < cases.length) {
    const { title, isTimed, run } = must(cases[ran % cases.length], 'there are some');
    // Values that live for 200 ms to 3 s expire while a call waits for the chain.
    if (isTimed) await kills.pause();
    await t.test(`under kills: ${title}`, run);
    if (isTimed) kills.resume();
    ran += 1;
  }
  await kills.pause();
  t.comment(`${ran} cases, ${kills.count} kills`);
});
