import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cases } from '@tablelab/shared/testing';
import t from 'tap';
import { scoreOf, scoresOf } from '../src/mutation/report.ts';
import { loadMutationSettings } from '../src/mutation/settings.ts';

const root = join(import.meta.dirname, '../..');
const settings = loadMutationSettings(root);

t.test(
  'the score counts what is noticed; what makes no difference is left out, and what survives is shown',
  async (t) => {
    const mutant = (status: string, line: number, replacement: string) => ({
      status,
      mutatorName: 'ConditionalExpression',
      replacement,
      location: { start: { line } },
    });
    const report = {
      files: {
        'a.ts': {
          source: "if (a) b();\n  return c > 0;\n  throw new Error('no');\n",
          mutants: [
            mutant('Killed', 1, 'true'),
            mutant('Timeout', 1, 'false'),
            mutant('Survived', 2, 'c >= 0'),
            mutant('NoCoverage', 2, 'true'),
            { ...mutant('Survived', 3, '""'), mutatorName: 'StringLiteral' },
            // Could not be run at all.
            mutant('CompileError', 2, ''),
          ],
        },
      },
    };
    const wording = 'throw';
    const equivalent = [{ file: 'a.ts', line: 'return c > 0', by: 'c >= 0', reason: 'c is never 0' }];
    t.match(scoresOf(report, { equivalent, wording }), [
      {
        file: 'a.ts',
        caught: 2,
        survived: 1,
        equivalent: 1,
        wording: 1,
        survivors: ['a.ts:2: return c > 0;  ->  true'],
      },
    ]);
    t.equal(scoreOf(scoresOf(report, { equivalent, wording })).toFixed(1), '66.7');
    t.equal(scoreOf(scoresOf(report, { equivalent: [], wording })), 50);
    t.equal(scoreOf(scoresOf(report, { equivalent, wording: 'never' })), 50, 'as any other change');
    t.equal(scoreOf([]), 100);
  },
);

t.test(
  'the files that the settings name exist, each source once; a change without effect is one of a line that is there',
  async (t) => {
    const groups = Object.values(settings.parts).flat();
    const sources = groups.flatMap(({ mutate }) => mutate);
    t.equal(new Set(sources).size, sources.length);
    for (const file of cases(t, [...sources, ...groups.flatMap(({ tests }) => tests)]))
      t.ok(existsSync(join(root, file)), file);
    for (const { file, line, reason } of cases(t, settings.equivalent)) {
      t.ok(readFileSync(join(root, file), 'utf8').includes(line), `${file}: ${line}`);
      t.ok(reason.length > 10);
    }
  },
);
