import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What the playground says: the run, its drawing, its time, its events. */
interface Words {
  readonly title: string;
  readonly introduction: string;
  readonly seed: string;
  readonly run: string;
  readonly nextSeed: string;
  readonly quietChain: string;
  readonly withoutEdits: string;
  readonly edits: string;
  /** Around the path of the core. */
  readonly servedCore: readonly [before: string, after: string];
  readonly isRunning: (seed: number) => string;
  readonly noRun: string;
  readonly noRuleBroken: string;
  readonly coreError: string;
  readonly ruleBroken: string;
  readonly figures: (seed: number, steps: number) => string;
  readonly noServerRuns: string;
  readonly notRunning: string;
  readonly aboutStep: (what: string) => string;
  readonly fromTo: (from: string, to: string) => string;
  readonly pathFromTo: (type: string | undefined, from: string, to: string) => string;
  readonly legend: {
    readonly bytes: string;
    readonly object: string;
    readonly closed: string;
    readonly about: string;
    readonly operation: string;
    readonly doesNotHappen: string;
    readonly nobodyKnows: string;
    readonly fault: string;
    readonly view: string;
    readonly noOrder: string;
  };
  readonly diagram: string;
  readonly machines: (count: number, fromMs: string, toMs: string) => string;
  readonly time: string;
  readonly event: string;
  readonly eventIs: (step: number) => string;
  readonly toTheBeginning: string;
  readonly stepBack: string;
  readonly play: string;
  readonly pause: string;
  readonly step: string;
  readonly nextFault: string;
  readonly speed: string;
  readonly eventsPerSecond: (count: number) => string;
  readonly whatHappened: string;
  readonly stateChanged: string;
  readonly chooseServer: string;
  readonly process: string;
  readonly processRuns: string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    title: 'The chain, step by step',
    introduction:
      'A write enters at the head, passes every server, and is committed when the tail has it. These are the real servers and clients of part 4, in simulated time, with the faults that the seed brings.',
    seed: 'Seed',
    run: 'Run',
    nextSeed: 'Next seed',
    quietChain: 'Three servers, no faults',
    withoutEdits: 'Without edits',
    edits: 'Edits',
    servedCore: ['The servers run', '; save a file beside it, and the run is played again.'],
    isRunning: (seed) => `Seed ${seed} is running …`,
    noRun: 'This run is not there.',
    noRuleBroken: '✓ No rule was broken',
    coreError: '✗ The core has an error:',
    ruleBroken: '✗ A rule was broken:',
    figures: (seed, steps) => `Seed ${seed}, ${steps} events, trace`,
    noServerRuns: 'No server runs.',
    notRunning: '✕ not running',
    aboutStep: (what) => `this step is about ${what}`,
    fromTo: (from, to) => `${from} to ${to}`,
    pathFromTo: (type, from, to) => `${type ?? 'the path'} from ${from} to ${to}`,
    legend: {
      bytes: 'between servers and clients',
      object: 'to or from ZooKeeper',
      closed: 'a connection ends, or a link is cut',
      about: 'what this step is about',
      operation: 'an operation, from the call to the answer',
      doesNotHappen: 'it does not happen',
      nobodyKnows: 'nobody knows',
      fault: 'a fault begins',
      view: 'a new view',
      noOrder: 'no order explains it',
    },
    diagram: 'Space-time diagram',
    machines: (count, fromMs, toMs) => `${count} machines from ${fromMs} to ${toMs} ms`,
    time: 'Time',
    event: 'Event',
    eventIs: (step) => `event ${step}`,
    toTheBeginning: 'To the beginning',
    stepBack: 'Step back',
    play: 'Play',
    pause: 'Pause',
    step: 'Step',
    nextFault: 'Next fault',
    speed: 'Speed',
    eventsPerSecond: (count) => `${count} events/s`,
    whatHappened: 'What happened',
    stateChanged: 'a state has changed',
    chooseServer: 'Choose a server to see its state.',
    process: 'process',
    processRuns: 'runs',
  },
  pt: {
    title: 'A cadeia, passo a passo',
    introduction:
      'Uma escrita entra pela cabeça, passa por todos os servidores, e fica confirmada quando a cauda a tem. Estes são os verdadeiros servidores e clientes da parte 4, em tempo simulado, com as falhas que a semente traz.',
    seed: 'Semente',
    run: 'Executar',
    nextSeed: 'Semente seguinte',
    quietChain: 'Três servidores, sem falhas',
    withoutEdits: 'Sem edições',
    edits: 'Edições',
    servedCore: ['Os servidores executam', '; guarde um ficheiro ao lado dele, e a execução é repetida.'],
    isRunning: (seed) => `A semente ${seed} está a ser executada …`,
    noRun: 'Não é possível mostrar esta execução.',
    noRuleBroken: '✓ Nenhuma regra foi violada',
    coreError: '✗ O núcleo tem um erro:',
    ruleBroken: '✗ Uma regra foi violada:',
    figures: (seed, steps) => `Semente ${seed}, ${steps} eventos, rasto`,
    noServerRuns: 'Nenhum servidor está a funcionar.',
    notRunning: '✕ não funciona',
    aboutStep: (what) => `este passo trata de ${what}`,
    fromTo: (from, to) => `${from} para ${to}`,
    pathFromTo: (type, from, to) => `${type ?? 'o caminho'} de ${from} para ${to}`,
    legend: {
      bytes: 'entre servidores e clientes',
      object: 'de ou para o ZooKeeper',
      closed: 'uma ligação acaba, ou um caminho está cortado',
      about: 'aquilo de que trata este passo',
      operation: 'uma operação, da chamada à resposta',
      doesNotHappen: 'não acontece',
      nobodyKnows: 'ninguém sabe',
      fault: 'começa uma falha',
      view: 'uma nova vista',
      noOrder: 'nenhuma ordem a explica',
    },
    diagram: 'Diagrama de espaço e tempo',
    machines: (count, fromMs, toMs) => `${count} máquinas, de ${fromMs} a ${toMs} ms`,
    time: 'Tempo',
    event: 'Evento',
    eventIs: (step) => `evento ${step}`,
    toTheBeginning: 'Ir para o princípio',
    stepBack: 'Evento anterior',
    play: 'Reproduzir',
    pause: 'Pausa',
    step: 'Evento seguinte',
    nextFault: 'Falha seguinte',
    speed: 'Velocidade',
    eventsPerSecond: (count) => `${count} eventos/s`,
    whatHappened: 'O que aconteceu',
    stateChanged: 'um estado mudou',
    chooseServer: 'Escolha um servidor para ver o seu estado.',
    process: 'processo',
    processRuns: 'funciona',
  },
};

export const playgroundWord = inLanguage(texts);
