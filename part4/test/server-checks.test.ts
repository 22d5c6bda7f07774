import t from 'tap';
import { serverChecks } from './support/server-checks.ts';

for (const [name, check] of Object.entries(serverChecks)) {
  t.test(name, async (t) => {
    await t.resolves(Promise.resolve(check()));
  });
}
