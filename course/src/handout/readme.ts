import { type CoursePart, type Step, titleOf } from '../course-file.ts';
import type { Language } from '../language.ts';
import type { Helper } from './helpers.ts';

/**
 * The first page that a student reads.
 * @param isThere whether a hand-out's file still has a member; a private one may be gone, because only stubbed bodies used it
 * @param helpers by step, what is given and not imported any more
 */
export function studentReadme(
  course: CoursePart,
  language: Language,
  isThere: (file: string, member: string) => boolean,
  helpers: ReadonlyMap<Step, readonly Helper[]>,
): string {
  const { kinds, points, inFile, helpersGiven, page } = texts[language];
  const list = course.steps.map((step, index) => {
    const functions = step.write.flatMap(({ file, members }) => {
      const names = members.filter((name) => isThere(file, name)).map((name) => `\`${name}\``);
      return names.length === 0 ? [] : [`${names.join(', ')} ${inFile} \`${file}\``];
    });
    const what = `${kinds[step.kind]}, ${step.points} ${points}`;
    const given = byFile(helpers.get(step) ?? []).map(
      ([from, names]) => `${names.map((name) => `\`${name}\``).join(', ')} (\`${from}\`)`,
    );
    return [
      `${index + 1}. \`${step.name}\`: **${titleOf(step, language)}** (${what}): ${functions.join('; ')}`,
      ...(given.length === 0 ? [] : [`   - ${helpersGiven}: ${given.join('; ')}`]),
    ].join('\n');
  });
  const hasBodies = course.steps.some(({ write }) =>
    write.some(({ atFirst }) => Object.keys(atFirst).length > 0),
  );
  return page({ part: course.part, title: titleOf(course, language), steps: list.join('\n'), hasBodies });
}

function byFile(helpers: readonly Helper[]): [string, string[]][] {
  const files = new Map<string, string[]>();
  for (const { name, from } of helpers) files.set(from, [...(files.get(from) ?? []), name]);
  return [...files];
}

interface Texts {
  readonly kinds: Readonly<Record<Step['kind'], string>>;
  readonly points: string;
  readonly inFile: string;
  readonly helpersGiven: string;
  page(values: { part: number; title: string; steps: string; hasBodies: boolean }): string;
}

/** A change of one language has to be made in the other, too: `languages.test.ts` compares them. */
const texts: Readonly<Record<Language, Texts>> = {
  en: {
    kinds: { base: 'base', bonus: 'bonus' },
    points: 'points',
    inFile: 'in',
    helpersGiven: 'given, and useful here',
    page: ({ part, title, steps, hasBodies }) => `# Part ${part}: ${title}

Read [part${part}/README.md](part${part}/README.md) first: it states the rules. You write the functions that throw \`yours to write\`. Each of
these errors names its rules.${hasBodies ? ' Where a function has a simple body below a comment `yours to write`, earlier steps need it: replace it in its step.' : ''} Everything else is given. You may add files and private members, and set these in the given constructors. Begin with the first step:

${steps}

You need Node 20 or later and npm. Begin with \`npm test\`: it installs everything else, including the Node 24 that the programs run on; after
that no network is needed. Keep your work in git from the start: \`git init && git add -A && git commit -m start\`.

| command | what it does |
| --- | --- |
| \`npm test\` | runs the tests, shows the steps, and the first rule that is not met |
| \`npm test -- --all\` | shows every rule that is not met |
| \`npm test -- part${part}/test/FILE.test.ts\` | runs one test file |
| \`npm run watch -- part${part}\` | runs the tests of a file as soon as you save it |
| \`npm run progress\` | shows the steps of all parts |
| \`npm run types\` | checks the types |
| \`npm run lint\`, \`npm run format\` | check the style, and format the code; the first run downloads Biome |

If your teacher publishes an update, apply it over your work with \`git apply --3way FILE\`.
`,
  },
  pt: {
    kinds: { base: 'base', bonus: 'bónus' },
    points: 'pontos',
    inFile: 'em',
    helpersGiven: 'dado, e útil aqui',
    page: ({ part, title, steps, hasBodies }) => `# Parte ${part}: ${title}

Lê primeiro [part${part}/README.md](part${part}/README.md): contém as regras. Escreves as funções que lançam \`yours to write\`. Cada um destes
erros indica as suas regras.${hasBodies ? ' Onde uma função tem um corpo simples por baixo de um comentário `yours to write`, as etapas anteriores precisam dele: substitui-o na sua etapa.' : ''} Tudo o resto é dado. Podes acrescentar ficheiros e membros privados, e inicializar estes nos construtores dados. Começa pela primeira etapa:

${steps}

Precisas do Node 20 ou posterior e do npm. Começa por \`npm test\`: instala tudo o resto, incluindo o Node 24 com que os programas correm;
depois disso não é precisa rede. Guarda o teu trabalho em git desde o início: \`git init && git add -A && git commit -m start\`.

| comando | o que faz |
| --- | --- |
| \`npm test\` | executa os testes, mostra as etapas, e a primeira regra que não está cumprida |
| \`npm test -- --all\` | mostra todas as regras que não estão cumpridas |
| \`npm test -- part${part}/test/FILE.test.ts\` | executa um ficheiro de testes |
| \`npm run watch -- part${part}\` | executa os testes de um ficheiro logo que o guardas |
| \`npm run progress\` | mostra as etapas de todas as partes |
| \`npm run types\` | verifica os tipos |
| \`npm run lint\`, \`npm run format\` | verificam o estilo, e formatam o código; a primeira vez descarrega o Biome |

Se o docente publicar uma atualização, aplica-a sobre o teu trabalho com \`git apply --3way FILE\`. As mensagens dos programas e dos testes
estão em inglês; o glossário, nesta pasta, diz o que significam os termos.
`,
  },
};
