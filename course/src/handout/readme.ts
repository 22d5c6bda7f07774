import type { CoursePart } from '../course-file.ts';

/**
 * The first page that a student reads.
 * @param isThere whether a hand-out's file still has a member; a private one may be gone, because only stubbed bodies used it
 */
export function studentReadme(
  { part, title, steps }: CoursePart,
  isThere: (file: string, member: string) => boolean,
): string {
  const list = steps.map(
    (step, index) =>
      `${index + 1}. **${step.title}** (${step.kind}, ${step.points} points): ${step.write
        .map(
          ({ file, members }) =>
            `${members
              .filter((name) => isThere(file, name))
              .map((name) => `\`${name}\``)
              .join(', ')} in \`${file}\``,
        )
        .join('; ')}`,
  );
  return `# Part ${part}: ${title}

Read [part${part}/README.md](part${part}/README.md) first: it states the rules. You write the functions that throw \`yours to write\`; each error
names its rules. Everything else is given. You may add files and private members. Begin with the first step:

${list.join('\n')}

You need Node 20 or later and npm. The first command installs everything else, including the Node 24 that the programs run on; after that
no network is needed.

| command                              | what it does                                                              |
| ------------------------------------ | ------------------------------------------------------------------------- |
| \`npm test\`                           | runs the tests, shows the steps, and the first rule that is not met       |
| \`npm test -- --all\`                  | shows every rule that is not met                                          |
| \`npm test -- part${part}/test/FILE.test.ts\` | runs one test file                                                        |
| \`npm run watch -- part${part}\`              | runs the tests of what you save, as soon as you save it                   |
| \`npm run progress\`                   | shows the steps of all parts                                              |
| \`npm run types\`                      | checks the types                                                          |
| \`npm run lint\`, \`npm run format\`     | check the style, and format the code; the first run downloads Biome       |

If your teacher publishes an update, apply it over your work with \`git apply --3way FILE\`.
`;
}
