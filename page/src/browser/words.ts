import { computed } from '@preact/signals';
import { type Language, language } from './view.ts';

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
  readonly noOrder: (operations: number, client: string, last: string) => string;
  readonly silent: (steps: number) => string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    parts: 'Parts of the page',
    lessons: 'Lessons',
    playground: 'Playground',
    languages: 'Language',
    introduction:
      'In each lesson a chain does one thing, step by step, and once you are asked what will happen. The servers and clients are the real ones of part 4; in the lessons about a mistake, the servers have that mistake.',
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
    broken: 'A rule of the chain is broken:',
    keys: 'Keys: → next step, ← back, 1 to 4 choose an answer, space plays the step.',
    noOrder: (operations, client, last) =>
      operations === 1
        ? `No order explains this answer to ${client}: ${last}`
        : `These ${operations} operations cannot have happened one after another, in any order, as if there were one server. The last is ${client}’s ${last}`,
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
      'Em cada lição uma cadeia faz uma coisa, passo a passo, e uma vez pergunta-se o que vai acontecer. Os servidores e os clientes são os verdadeiros da parte 4; nas lições sobre um erro, os servidores têm esse erro.',
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
    broken: 'Uma regra da cadeia é violada:',
    keys: 'Teclas: → passo seguinte, ← anterior, 1 a 4 escolhem uma resposta, espaço repete o passo.',
    noOrder: (operations, client, last) =>
      operations === 1
        ? `Nenhuma ordem explica esta resposta a ${client}: ${last}`
        : `Estas ${operations} operações não podem ter acontecido umas a seguir às outras, em nenhuma ordem, como se houvesse um só servidor. A última é a de ${client}: ${last}`,
    notLoaded: 'Não foi possível carregar o simulador.',
    silent: (steps) =>
      `O simulador deixou de responder e foi terminado. Estava no evento ${steps}: haverá no núcleo um ciclo sem fim?`,
  },
};

export const word = computed(() => words[language.value]);
