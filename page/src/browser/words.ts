import type { Language } from './view.ts';
import { inLanguage } from './words/in-language.ts';

/** What the page itself says around the lessons, whose texts are part of them. */
interface Words {
  readonly parts: string;
  readonly lessons: string;
  readonly playground: string;
  readonly languages: string;
  readonly introduction: string;
  readonly noSuchLesson: string;
  readonly steps: (count: number) => string;
  readonly place: (lesson: number, lessons: number, step: number, steps: number) => string;
  readonly playing: string;
  readonly notPlayed: string;
  readonly back: string;
  readonly next: string;
  readonly allLessons: string;
  readonly nextLesson: string;
  readonly goOn: string;
  readonly chooseFirst: string;
  readonly yours: string;
  readonly happens: string;
  readonly right: string;
  readonly wrong: string;
  readonly broken: string;
  readonly keys: string;
  readonly notLoaded: string;
  readonly replay: string;
  readonly replayIntroduction: string;
  readonly chooseFile: string;
  readonly dropFile: string;
  readonly isOpening: string;
  readonly notOpened: string;
  readonly ofNoKind: string;
  readonly sameTrace: (file: string) => string;
  readonly otherTrace: (file: string, hash: string) => string;
  readonly traceAlone: string;
  readonly traceLines: (first: number, last: number, all: number) => string;
  readonly tooLarge: (bytes: number) => string;
  readonly otherOrigin: string;
  readonly hasOrder: (operations: number) => string;
  readonly hasNoOrder: (operations: number) => string;
  readonly mayHaveOrder: (operations: number) => string;
  readonly viewsAndFaults: string;
  readonly earlier: string;
  readonly later: string;
  readonly strip: (first: number, last: number, all: number) => string;
  readonly noOrder: (operations: number, client: string, last: string) => string;
  readonly silent: (steps: number) => string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    parts: 'Parts of the page',
    lessons: 'Lessons',
    playground: 'Playground',
    languages: 'Language',
    introduction:
      'In each lesson a chain does one thing, step by step, and once you are asked what will happen. The servers and clients run the code of part 4, the last part of the course. The last lessons show mistakes of the original, the assignment that this course grew out of: there, servers or a client have that mistake.',
    noSuchLesson: 'There is no such lesson. These are the lessons:',
    steps: (count) => `${count} steps`,
    place: (lesson, lessons, step, steps) => `Lesson ${lesson} of ${lessons} · step ${step} of ${steps}`,
    playing: 'The lesson is being played …',
    notPlayed: 'This lesson cannot be played.',
    back: 'Back',
    next: 'Next',
    allLessons: 'All lessons',
    nextLesson: 'Next lesson',
    goOn: 'Go on from here by hand, in the playground',
    chooseFirst: 'Choose an answer; then see what happens.',
    yours: 'your answer',
    happens: 'this is what happens',
    right: 'Right.',
    wrong: 'Something else happens.',
    broken: 'A rule of the chain was broken in this lesson:',
    keys: 'Keys: → next step, ← back, 1 to 4 choose an answer, space plays the step.',
    noOrder: (operations, client, last) =>
      operations === 1
        ? `No order explains this answer to ${client}: ${last}`
        : `These ${operations} operations cannot have happened one after another, in any order, as if there were one server. The last is ${client}’s ${last}`,
    replay: 'Replay',
    replayIntroduction:
      'Open a history of clients, as npm run chaos writes it, the output of npm run sim with --trace, or a list of edits. Traces and edits are played in the playground.',
    chooseFile: 'File',
    dropFile: 'or drop it on this page',
    isOpening: 'The file is being checked …',
    notOpened: 'This file cannot be shown.',
    ofNoKind:
      'This file cannot be shown: it is neither a history of npm run chaos, nor a list of edits, nor a trace of npm run sim.',
    sameTrace: (file) => `✓ The same run as in ${file}, event by event`,
    otherTrace: (file, hash) =>
      `✗ Not the run of ${file}, whose trace is ${hash}: another core, or another version of it, has made it.`,
    traceAlone: 'Lines of a trace. Its first line does not say what makes the run, so it cannot be played.',
    traceLines: (first, last, all) => `Lines ${first} to ${last} of ${all}`,
    tooLarge: (bytes) => `it is too large: ${bytes} bytes at most`,
    otherOrigin: 'it lies on another server than the page',
    hasOrder: (operations) => `✓ Linearizable: ${operations} operations`,
    hasNoOrder: (operations) => `✗ Not linearizable: ${operations} operations`,
    mayHaveOrder: (operations) => `? Nobody knows: ${operations} operations are too many to be searched`,
    viewsAndFaults: 'Views and faults',
    earlier: 'Earlier',
    later: 'Later',
    strip: (first, last, all) => `Calls and answers ${first} to ${last} of ${all}`,
    notLoaded: 'The simulator could not be loaded.',
    silent: (steps) =>
      `The simulator has not answered for a while, and was ended. It stood at event ${steps}: does a loop in the core never end?`,
  },
  pt: {
    parts: 'Partes da página',
    lessons: 'Lições',
    playground: 'Experimentar',
    languages: 'Língua',
    introduction:
      'Em cada lição uma cadeia faz uma coisa, passo a passo, e uma vez pergunta-se o que vai acontecer. Os servidores e os clientes executam o código da parte 4, a última parte do curso. As últimas lições mostram erros do original, o enunciado de que este curso nasceu: nelas, os servidores ou um cliente têm esse erro.',
    noSuchLesson: 'Essa lição não existe. Estas são as lições:',
    steps: (count) => `${count} passos`,
    place: (lesson, lessons, step, steps) => `Lição ${lesson} de ${lessons} · passo ${step} de ${steps}`,
    playing: 'A lição está a ser executada …',
    notPlayed: 'Não é possível executar esta lição.',
    back: 'Anterior',
    next: 'Seguinte',
    allLessons: 'Todas as lições',
    nextLesson: 'Próxima lição',
    goOn: 'Continuar a partir daqui por sua conta, em “Experimentar”',
    chooseFirst: 'Escolha uma resposta; depois veja o que acontece.',
    yours: 'a sua resposta',
    happens: 'é isto que acontece',
    right: 'Certo.',
    wrong: 'Acontece outra coisa.',
    broken: 'Nesta lição foi violada uma regra da cadeia:',
    keys: 'Teclas: → passo seguinte, ← anterior, 1 a 4 escolhem uma resposta, espaço repete o passo.',
    noOrder: (operations, client, last) =>
      operations === 1
        ? `Nenhuma ordem explica esta resposta a ${client}: ${last}`
        : `Estas ${operations} operações não podem ter acontecido umas a seguir às outras, em nenhuma ordem, como se houvesse um só servidor. A última é a de ${client}: ${last}`,
    replay: 'Rever',
    replayIntroduction:
      'Abra uma história de clientes, como npm run chaos a escreve, a saída de npm run sim com --trace, ou uma lista de edições. Rastos e edições são reproduzidos em “Experimentar”.',
    chooseFile: 'Ficheiro',
    dropFile: 'ou largue-o nesta página',
    isOpening: 'O ficheiro está a ser verificado …',
    notOpened: 'Não é possível mostrar este ficheiro.',
    ofNoKind:
      'Não é possível mostrar este ficheiro: não é uma história de npm run chaos, nem uma lista de edições, nem um rasto de npm run sim.',
    sameTrace: (file) => `✓ A mesma execução que em ${file}, evento por evento`,
    otherTrace: (file, hash) =>
      `✗ Não é a execução de ${file}, cujo rasto é ${hash}: foi feita por outro núcleo, ou por outra versão dele.`,
    traceAlone:
      'Linhas de um rasto. A primeira linha não diz de que é feita a execução, e por isso não é possível reproduzi-la.',
    traceLines: (first, last, all) => `Linhas ${first} a ${last} de ${all}`,
    tooLarge: (bytes) => `é demasiado grande: ${bytes} bytes no máximo`,
    otherOrigin: 'está noutro servidor que não o da página',
    hasOrder: (operations) => `✓ Linearizável: ${operations} operações`,
    hasNoOrder: (operations) => `✗ Não linearizável: ${operations} operações`,
    mayHaveOrder: (operations) => `? Ninguém sabe: ${operations} operações são demasiadas para procurar`,
    viewsAndFaults: 'Vistas e falhas',
    earlier: 'Antes',
    later: 'Depois',
    strip: (first, last, all) => `Chamadas e respostas ${first} a ${last} de ${all}`,
    notLoaded: 'Não foi possível carregar o simulador.',
    silent: (steps) =>
      `O simulador deixou de responder e foi terminado. Estava no evento ${steps}: haverá no núcleo um ciclo sem fim?`,
  },
};

export const word = inLanguage(texts);
