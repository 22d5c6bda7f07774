import t from 'tap';
import { AddressQuotas, addressOpens, connectionOpens, OpenQuota } from '../src/adapters/open-quota.ts';

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

t.test('the connections of an address share its quota, those of another one have their own', async (t) => {
  const quotas = new AddressQuotas();
  const of = (address: string) => quotas.of(address, 0) ?? t.fail('there are few addresses');
  const first = of('10.0.0.1') as OpenQuota;
  t.equal(allowed(first, 2 * addressOpens.atOnceMax, 0), 1_000);
  t.equal(of('10.0.0.1'), first);
  t.equal(allowed(of('10.0.0.2') as OpenQuota, 1, 0), 1);
});
