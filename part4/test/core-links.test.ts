/** The core's links: joining servers that cannot be reached, and messages that no server sends. */
import t from 'tap';
import { CoreScript, helloFrom } from './support/core-script.ts';

const welcome = { type: 'welcome', received: 0, lastEpoch: undefined, whole: true, stable: 0 } as const;

t.test('a joining server that cannot be reached does not keep the others out', async (t) => {
  const tail = new CoreScript(0);
  const dials = (effects: readonly string[]) => effects.filter((effect) => effect.startsWith('dial'));
  t.match(dials(tail.directory({ view: [0], joining: [7, 8] })), [/host:107/]);
  const unreachable = (link: string) => dials(tail.on({ type: 'link-down', link, detail: 'nobody listens' }));
  t.match(unreachable('to-1'), [/host:108/], 'the next one');
  t.match(unreachable('to-2'), [/host:107/], 'and the first one again');
  t.match(unreachable('to-3'), [/host:108/]);
});

t.test('a joining server that has executed more than it was sent is given up', async (t) => {
  const tail = new CoreScript(0);
  tail.directory({ view: [0], joining: [7] });
  tail.on({ type: 'link-up', link: 'to-1' });
  tail.message('to-1', { ...welcome, member: false });
  t.match(tail.message('to-1', { type: 'progress', executed: 5, chunks: 0 }), [/^close link to-1/, /^dial/]);
});

t.test('a snapshot for a server that is in the chain breaks the link, and changes nothing', async (t) => {
  const member = new CoreScript(5);
  member.directory({ view: [4, 5] });
  member.message('up', helloFrom(4));
  const snapshot = { type: 'snapshot', seq: 0, epochs: [], sessions: [], sessionsSeq: 0 } as const;
  t.match(member.message('up', snapshot), [/^close link up/]);
});

t.test('sixteen servers at most wait until this one has read a newer view', async (t) => {
  const server = new CoreScript(5);
  server.directory({ view: [4, 5] });
  const early = (count: number) => server.message(`up-${count}`, helloFrom(4, { viewVersion: 2 }));
  for (let count = 1; count <= 16; count += 1) t.same(early(count), ['read-directory']);
  t.match(early(17), [/^close link up-17 /]);
});
