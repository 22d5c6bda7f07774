import { mock } from 'node:test';
import t from 'tap';
import { IdleCollection } from '../src/server/idle-collection.ts';

t.test(
  'garbage is collected once, a while after the last client has gone (part2/README.md#server-survives)',
  async (t) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    let collections = 0;
    let mayCollect = true;
    const collection = new IdleCollection({ mayCollect: () => mayCollect, collect: () => collections++ });
    const after = (ms: number) => {
      mock.timers.tick(ms);
      return collections;
    };
    t.equal(after(10_000), 0, 'not without a client');
    collection.begin();
    t.equal(after(200), 0, 'not at once');
    collection.begin();
    t.equal(after(200), 0, 'another client that comes and goes starts the time again');
    t.equal(after(100), 1);
    t.equal(after(10_000), 1, 'once');
    collection.begin();
    mayCollect = false;
    t.equal(after(10_000), 1, 'not if a client would have to wait');
  },
);
