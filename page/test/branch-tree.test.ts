/** Which branch of a run was made from which, and where it leaves it. */
import type { Edit } from '@tablelab/part4/sim/edit-list';
import t from 'tap';
import { type Branch, treeOf } from '../src/browser/branch-tree.ts';
import { runOf } from '../src/browser/run-name.ts';

const put: Edit = { do: 'put', key: 'a', value: 'one', after: 10 };
const kill: Edit = { do: 'kill', server: 's1', after: 20 };
const pause: Edit = { do: 'pause', server: 's0', after: 15 };

function branch(id: number, edits: readonly Edit[] | undefined, seed = 1): Branch {
  return { id, run: runOf(seed, edits && JSON.stringify({ edits })), name: undefined };
}

function pictureOf(branches: readonly Branch[]) {
  return treeOf(branches).map(({ branch: { id }, fork, depth }) => {
    const from = fork && `${fork.parent.id}${fork.isWithout ? ' without' : ''} ${fork.edit.do} +${fork.more}`;
    return [id, depth, from];
  });
}

t.test('a branch follows the one with which it shares the most edits', async (t) => {
  t.same(pictureOf([]), []);
  t.same(
    pictureOf([
      branch(0, undefined),
      branch(1, [put]),
      branch(2, [put, kill]),
      branch(3, [put, pause]),
      branch(4, undefined, 2),
      branch(5, [pause]),
    ]),
    [
      [0, 0, undefined],
      [5, 1, '0 pause +0'],
      [1, 0, '0 put +0'],
      [3, 1, '1 pause +0'],
      [2, 0, '1 kill +0'],
      [4, 0, undefined],
    ],
    'another seed is another run',
  );
});

t.test('a course with fewer edits than all before it leaves one of them', async (t) => {
  t.same(pictureOf([branch(3, [put, kill]), branch(4, [put]), branch(5, [pause, kill])]), [
    [3, 0, undefined],
    [4, 0, '3 without kill +0'],
    [5, 0, '4 pause +1'],
  ]);
});

t.test('a chain by hand is another run than the seed', async (t) => {
  const byHand: Branch = { id: 1, run: runOf(1, '{"servers":3,"edits":[]}'), name: undefined };
  t.same(pictureOf([branch(0, undefined), byHand]), [
    [0, 0, undefined],
    [1, 0, undefined],
  ]);
});
