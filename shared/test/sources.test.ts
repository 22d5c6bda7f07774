import { importsOf, sourcesOf } from '@tablelab/shared/sources';
import t, { type Test } from 'tap';

function kit(t: Test): string {
  return t.testdir({
    part1: {
      'package.json': JSON.stringify({ exports: { '.': './src/index.ts' } }),
      src: {
        'index.ts': "export { a } from './a.ts';\n",
        'a.ts': "import { readFileSync } from 'node:fs';\nexport const a = readFileSync.length;\n",
      },
      test: {
        'a.test.ts': `import { a } from '@tablelab/part1';
import vectors from './vectors.json' with { type: 'json' };
const program = new URL('program.ts', import.meta.url);
const other = 'part1/src/other.ts';
import './gone.ts';
`,
        'vectors.json': '{}',
        'program.ts': "await import('../src/a.ts');\n",
      },
    },
  });
}

t.test('the files that a file names: imports, data, programs beside it, packages of the kit', async (t) => {
  const root = kit(t);
  t.same(importsOf(root, 'part1/test/a.test.ts').sort(), [
    'part1/src/index.ts',
    'part1/test/program.ts',
    'part1/test/vectors.json',
  ]);
  t.same(importsOf(root, 'part1/test/vectors.json'), [], 'data names no files');
});

t.test('a file and all that it needs, the nearest first, as far as it is followed', async (t) => {
  const root = kit(t);
  const all = sourcesOf(root, 'part1/test/a.test.ts');
  t.equal(all[0], 'part1/test/a.test.ts');
  t.equal(all.at(-1), 'part1/src/a.ts', 'the farthest is the last');
  t.equal(all.length, 5);
  const inTest = sourcesOf(root, 'part1/test/a.test.ts', (file) => file.startsWith('part1/test/'));
  t.same(inTest.sort(), ['part1/test/a.test.ts', 'part1/test/program.ts', 'part1/test/vectors.json']);
});
