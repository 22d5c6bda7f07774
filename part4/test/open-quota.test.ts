import t from 'tap';
import { AddressQuotas, connectionOpens, OpenQuota } from '../src/adapters/open-quota.ts';

/** How many of `count` attempts at `now` are allowed. */
function allowed(quota: OpenQuota, count: number, now: number): number {
  return Array.from({ length: count }, () => quota.take(now)).filter(Boolean).length;
}

t.test(
  'a connection opens sixteen sessions at once, then one per second (part4/README.md#client-hostile)',
  async (t) => {
    const quota = new OpenQuota(connectionOpens);
    t.equal(allowed(quota, 100, 5_000), 16);
    t.equal(allowed(quota, 100, 5_999), 0);
    t.equal(allowed(quota, 100, 6_000), 1);
    t.equal(allowed(quota, 100, 9_000), 3, 'and one for each second that passes');
    t.equal(allowed(quota, 100, 60_000), 16, 'but no more than sixteen');
    quota.giveBack();
    t.equal(allowed(quota, 100, 60_000), 1, 'an attempt that opened none does not count');
  },
);

/** How many sessions each of `addresses` opens that opens as many as it may, all taking turns. */
function openedBy(quotas: AddressQuotas, addresses: readonly string[], now: number): number[] {
  const opened = addresses.map(() => 0);
  for (let goesOn = true; goesOn; ) {
    goesOn = false;
    for (const [index, address] of addresses.entries()) {
      if (!quotas.take(address, now)) continue;
      opened[index] = (opened[index] ?? 0) + 1;
      goesOn = true;
    }
  }
  return opened;
}

const addressesFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => `10.0.0.${first + index}`);

t.test(
  'an address opens 1,000 sessions at once, then ten a second (part4/README.md#once-quota)',
  async (t) => {
    const quotas = new AddressQuotas();
    t.same(openedBy(quotas, ['10.0.0.1'], 0), [1_000]);
    t.same(openedBy(quotas, ['10.0.0.1'], 99), [0]);
    t.same(openedBy(quotas, ['10.0.0.1'], 1_050), [10]);
    quotas.giveBack('10.0.0.1');
    t.same(openedBy(quotas, ['10.0.0.1', '10.0.0.2'], 1_050), [1, 1_000], 'another address has its own');
  },
);

t.test('the more addresses open sessions, the fewer each of them (part4/README.md#once-quota)', async (t) => {
  const quotas = new AddressQuotas();
  const ten = openedBy(quotas, addressesFrom(1, 10), 0);
  t.ok(
    ten.every((count) => count === 454 || count === 455),
    `${ten} of 5,000`,
  );
  const [late = 0] = openedBy(quotas, ['10.0.1.1'], 0);
  t.ok(late > 200, `${late} are left for an address that comes later`);
  const crowd = new AddressQuotas();
  const shares = openedBy(crowd, addressesFrom(1, 200), 0);
  t.ok(Math.max(...shares) <= 25, `${Math.max(...shares)} for each of 200`);
  t.ok(openedBy(crowd, ['10.0.1.1'], 0)[0], 'and still some for another one');
});

t.test('in time, all addresses together may open twenty a second (part4/README.md#once-quota)', async (t) => {
  const quotas = new AddressQuotas();
  const addresses = addressesFrom(1, 10);
  openedBy(quotas, addresses, 0);
  let opened = 0;
  for (let now = 100; now <= 60_000; now += 100)
    opened += openedBy(quotas, addresses, now).reduce((sum, count) => sum + count, 0);
  t.ok(opened >= 1_100 && opened <= 1_200, `${opened} in a minute`);
  t.ok(openedBy(quotas, ['10.0.1.1'], 60_000)[0], 'and an address that has opened none still may');
});
