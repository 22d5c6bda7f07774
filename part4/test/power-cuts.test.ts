/** All processes are killed at once under load, and started again (part4/README.md#disk-restart). */
import t from 'tap';
import { PowerCuts } from '../chaos/power-cuts.ts';

// A busy machine starts nine servers and two ZooKeepers in a minute.
t.setTimeout(180_000);

const never = new AbortController().signal;

t.test('three rounds: nothing that was answered is lost, and the history is linearizable', async (t) => {
  const lines: string[] = [];
  const { rounds, acknowledged, lost, withZooKeeper, serviceMs } = await PowerCuts.run({
    rounds: 3,
    seed: 2,
    servers: 3,
    policy: 'always',
    say: (line) => lines.push(line),
    stop: never,
  });
  t.comment(lines.join('\n'));
  t.equal(rounds, 3);
  t.equal(lost, 0);
  t.ok(acknowledged > 30, `${acknowledged} writes`);
  t.equal(withZooKeeper, 1, 'with ZooKeeper and without');
  t.equal(serviceMs.length, 3);
});
