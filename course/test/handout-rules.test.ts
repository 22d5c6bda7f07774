import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { handoutRules } from '../../scripts/student/handout-rules.ts';
import { statedRules } from '../src/rules.ts';

const root = join(import.meta.dirname, '../..');
const readme = (part: number) => readFileSync(join(root, `part${part}/README.md`), 'utf8');

t.test('each rule of a hand-out has its own text, and only that', async (t) => {
  for (const part of cases(t, [1, 2, 3, 4])) {
    const rules = handoutRules(readme(part));
    t.same([...rules.keys()], statedRules(root, part), `part ${part}`);
    const wrong = [...rules].filter(([, text]) => text === '' || text.includes('<a id'));
    t.same(wrong, [], `part ${part}`);
  }
});

t.test('rules in a numbered list, behind each other, and with two anchors', async (t) => {
  t.equal(
    handoutRules(readme(4)).get('scenario-7'),
    'No COMMITTED before the tail has executed.',
    'ends at the next number',
  );
  const rules = handoutRules(
    '- <a id="one"></a>First. <a id="two"></a>Second.\n- <a id="a"></a><a id="b"></a>Both.\n',
  );
  t.same(
    [...rules],
    [
      ['one', 'First.'],
      ['two', 'Second.'],
      ['a', 'Both.'],
      ['b', 'Both.'],
    ],
  );
});
