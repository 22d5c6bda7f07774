import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What the panel says in which a person does something to the chain. */
interface Words {
  readonly byHand: string;
  readonly heading: string;
  readonly server: string;
  readonly serverActions: Readonly<Record<'kill' | 'restart' | 'pause' | 'resume', string>>;
  readonly from: string;
  readonly to: string;
  readonly cut: string;
  readonly heal: string;
  readonly stopZooKeeper: string;
  readonly startZooKeeper: string;
  readonly addServer: string;
  readonly key: string;
  readonly value: string;
  readonly write: string;
  readonly nothingDone: string;
  readonly atMs: (ms: number) => string;
  readonly afterEvent: (step: number) => string;
  readonly undo: string;
  readonly done: string;
  readonly noAnswer: string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    byHand: 'By hand',
    heading: 'By hand, at this moment',
    server: 'Server',
    serverActions: {
      kill: 'Kill server',
      restart: 'Restart server',
      pause: 'Pause server',
      resume: 'Resume server',
    },
    from: 'From',
    to: 'to',
    cut: 'Cut link',
    heal: 'Heal link',
    stopZooKeeper: 'Stop',
    startZooKeeper: 'Start',
    addServer: 'Add a server',
    key: 'Key',
    value: 'Value',
    write: 'Write',
    nothingDone:
      'What you do is added to the run at the event that is shown; play on to see what comes of it.',
    atMs: (ms) => `at ${ms} ms`,
    afterEvent: (step) => `after event ${step}`,
    undo: 'Undo the last',
    done: '✓ done',
    noAnswer: 'no answer',
  },
  pt: {
    byHand: 'Por sua mão',
    heading: 'Por sua mão, neste momento',
    server: 'Servidor',
    serverActions: {
      kill: 'Matar servidor',
      restart: 'Reiniciar servidor',
      pause: 'Parar servidor',
      resume: 'Retomar servidor',
    },
    from: 'De',
    to: 'para',
    cut: 'Cortar caminho',
    heal: 'Repor caminho',
    stopZooKeeper: 'Encerrar',
    startZooKeeper: 'Iniciar',
    addServer: 'Acrescentar um servidor',
    key: 'Chave',
    value: 'Valor',
    write: 'Escrita',
    nothingDone:
      'O que fizer junta-se à execução no evento que está à vista; continue a reproduzir para ver o que daí resulta.',
    atMs: (ms) => `aos ${ms} ms`,
    afterEvent: (step) => `depois do evento ${step}`,
    undo: 'Desfazer a última',
    done: '✓ feito',
    noAnswer: 'sem resposta',
  },
};

export const handsWord = inLanguage(texts);
