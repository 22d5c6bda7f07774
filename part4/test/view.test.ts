import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { headOf, predecessorOf, serverOf, successorOf, tailOf, type View } from '../src/core/view.ts';

/** A view of servers with these numbers; each has a session and an address of its own. */
function viewOf(...ids: number[]): View {
  return {
    version: 1,
    servers: ids.map((id) => ({ id, address: `127.0.0.1:${id}`, session: `session ${id}` })),
  };
}

const idOf = (server: { readonly id: number } | undefined) => server?.id;

t.test('the lowest number is the head, the highest the tail (part4/README.md#chain-roles)', async (t) => {
  t.equal(idOf(headOf(viewOf(3, 5, 8))), 3);
  t.equal(idOf(tailOf(viewOf(3, 5, 8))), 8);
  t.equal(idOf(headOf(viewOf(4))), 4, 'a chain of one: the server is both');
  t.equal(idOf(tailOf(viewOf(4))), 4);
  t.equal(headOf(viewOf()), undefined, 'an empty chain has no head');
  t.equal(tailOf(viewOf()), undefined);
});

t.test('predecessor and successor are the nearest numbers (part4/README.md#chain-roles)', async (t) => {
  const view = viewOf(3, 5, 8, 9);
  const wanted: [id: number, before: number | undefined, after: number | undefined][] = [
    [3, undefined, 5],
    [5, 3, 8],
    [8, 5, 9],
    [9, 8, undefined],
    [6, 5, 8],
    [1, undefined, 3],
    [12, 9, undefined],
  ];
  for (const [id, before, after] of cases(t, wanted)) {
    t.equal(idOf(predecessorOf(view, id)), before, `before ${id}`);
    t.equal(idOf(successorOf(view, id)), after, `after ${id}`);
  }
});

t.test('the server of a session (part4/README.md#chain-roles)', async (t) => {
  t.equal(idOf(serverOf(viewOf(3, 5), 'session 5')), 5);
  t.equal(serverOf(viewOf(3, 5), 'session 4'), undefined);
});
