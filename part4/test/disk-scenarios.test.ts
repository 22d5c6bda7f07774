/** Power cuts of a whole chain, on the simulator with disks (part4/README.md, "Data on disk"). */
import { must } from '@tablelab/shared';
import t from 'tap';
import { contains } from '../sim/history-tree.ts';
import { numberIn, Scenario } from './support/scenario.ts';

const seeds = [1, 2, 3];
const places = [0, 1, 2];

function cutAllPower({ cluster }: Scenario): void {
  for (const place of places) {
    cluster.kill(place);
    must(cluster.diskOf(place), 'it has a disk').cutPower();
  }
}

for (const seed of seeds) {
  t.test(
    `each member alone can begin the chain again with all that was answered, seed ${seed} (part4/README.md#disk-first)`,
    async (t) => {
      for (const place of places) {
        const scenario = await Scenario.chainOf(3, { seed, hasDisks: true });
        const { cluster } = scenario;
        for (const [value, key] of ['a', 'b', 'c'].entries())
          await scenario.resultOf(scenario.put(key, value));
        cutAllPower(scenario);
        cluster.zooKeeper.goDown();
        await scenario.pass(100);
        cluster.zooKeeper.comeUp({ wiped: false });
        cluster.start(place);
        await scenario.until(
          () => cluster.serverIn(place)?.servesReads === true,
          `server ${place} serves alone`,
        );
        for (const [value, key] of ['a', 'b', 'c'].entries()) {
          t.equal(
            numberIn(await scenario.resultOf(scenario.get(key))),
            value,
            `${key}, by server ${place} alone`,
          );
        }
        for (const other of places) cluster.start(other);
        await scenario.checkAll();
        t.equal(cluster.servers.length, 3);
      }
    },
  );

  t.test(
    `a longer end that was never passed on gives way to what the chain has answered since, seed ${seed} (part4/README.md#disk-restart)`,
    async (t) => {
      const scenario = await Scenario.chainOf(3, { seed, hasDisks: true });
      const { cluster } = scenario;
      await scenario.resultOf(scenario.put('a', 1));
      const head = scenario.server(0);
      cluster.network.cut('s0', 's1');
      const lost = scenario.put('a', 2);
      await scenario.until(
        () => head.core.executed > scenario.server(2).core.executed,
        'only the head has it',
      );
      const longer = head.table.history;
      cutAllPower(scenario);
      cluster.network.mendAll();
      cluster.start(2);
      await scenario.until(() => cluster.serverIn(2)?.takesWrites === true, 'the old tail begins alone');
      await scenario.resultOf(scenario.put('b', 3));
      cluster.start(0);
      cluster.start(1);
      await scenario.checkAll();
      const { history } = scenario.server(0).table;
      t.notOk(contains(history, longer), 'the old head has given its end up');
      t.same(
        scenario.putsIn(history).filter((value) => value !== 2),
        [1, 3],
      );
      const outcome = await scenario.resultOf(lost);
      t.ok(
        outcome.type === 'written' || outcome.type === 'error',
        'the client repeats the write, or learns that it is lost',
      );
    },
  );
}
