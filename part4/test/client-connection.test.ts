import t from 'tap';
import { ClientConnection } from '../src/client/client-connection.ts';
import { clientConnectionChecks } from './support/client-connection-checks.ts';

for (const [name, check] of Object.entries(clientConnectionChecks)) {
  t.test(name, async (t) => {
    t.doesNotThrow(() => check(ClientConnection));
  });
}
