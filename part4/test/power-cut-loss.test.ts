/** A power cut of all servers that do not sync before they answer (part4/README.md#disk-fsync). */
import t from 'tap';
import { PowerCuts } from '../chaos/power-cuts.ts';

// Each round may take some seconds, on a busy machine ten.
t.setTimeout(180_000);

t.test('with everysec, a power cut loses writes: the look at what is lost can fail', async (t) => {
  const stop = new AbortController();
  const { rounds, lost, lostMs } = await PowerCuts.run({
    rounds: 100,
    seed: 1,
    servers: 2,
    policy: 'everysec',
    say: (line) => {
      if (!line.includes(' 0 lost')) stop.abort();
    },
    stop: stop.signal,
  });
  t.ok(rounds < 100);
  t.ok(lost > 0 && Math.max(...lostMs) < 10_000, `${lost} writes, of ${lostMs.join()} ms`);
});
