/** Prints a report as Moodle's VPL reads it (`node vpl-output.ts REPORTS`): lines with a grade and comments. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , folder = '.'] = process.argv;
const results = join(folder, 'results.json');
const outputLengthMax = 4_000;

/** Inside of a block each line is a comment, whatever it begins with. */
function block(text: string): string {
  const lines = text.split('\n').map((line) => (/^(<\|--|--\|>)/.test(line) ? ` ${line}` : line));
  return ['<|--', ...lines, '--|>'].join('\n');
}

if (existsSync(results)) {
  const { score, extra_data } = JSON.parse(readFileSync(results, 'utf8'));
  console.log(block(readFileSync(join(folder, 'report.txt'), 'utf8').trimEnd()));
  if (extra_data.complete === true) console.log(`Grade :=>> ${score}`);
  else console.log('Comment :=>> The grader did not get to its end, so there is no grade.');
} else {
  const output = join(folder, 'output');
  console.log('Comment :=>> The grader has failed; tell your teacher.');
  if (existsSync(output)) console.log(block(readFileSync(output, 'utf8').slice(-outputLengthMax)));
}
