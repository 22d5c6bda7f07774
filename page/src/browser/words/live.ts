import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What the page of a running chain says of its state, the charts and the events. */
interface Words {
  readonly title: string;
  readonly connecting: string;
  readonly noServerAnswer: string;
  readonly howItWas: (time: string) => string;
  readonly noZooKeeper: string;
  readonly tryingAgain: string;
  readonly unreadable: string;
  readonly noServers: string;
  readonly doNotAnswer: (silent: number, all: number) => string;
  readonly inChain: (servers: number, chain: string | undefined, joining: number) => string;
  readonly lastTenMinutes: string;
  readonly operationsPerSecond: string;
  readonly writeTime: string;
  readonly readTime: string;
  readonly reads: string;
  readonly writes: string;
  readonly newView: string;
  readonly fault: string;
  readonly whatTimesAre: string;
  readonly whatHasHappened: string;
  readonly nothingHappened: string;
  readonly eventsLastFirst: string;
  readonly events: {
    readonly zooKeeperLost: string;
    readonly zooKeeperBack: string;
    readonly server: (id: number | undefined, address: string) => string;
    readonly waits: string;
    readonly isIn: string;
    readonly answersAgain: string;
    readonly hasLeft: string;
  };
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    title: 'The chain, live',
    connecting: 'Connecting …',
    noServerAnswer: '✗ The dashboard’s server does not answer.',
    howItWas: (time) => `This is how it was at ${time}.`,
    noZooKeeper: '✗ No connection to ZooKeeper',
    tryingAgain: 'Trying again …',
    unreadable: '✗ The record in ZooKeeper cannot be read:',
    noServers: '✗ ZooKeeper is there, and no server.',
    doNotAnswer: (silent, all) =>
      silent === 1 ? `✗ 1 of ${all} servers does not answer` : `✗ ${silent} of ${all} servers do not answer`,
    inChain: (servers, chain, joining) =>
      `✓ ${servers} ${servers === 1 ? 'server' : 'servers'} in chain ${chain ?? '(no record yet)'}${joining === 0 ? '' : `, ${joining} joining`}`,
    lastTenMinutes: 'The last ten minutes',
    operationsPerSecond: 'Operations a second',
    writeTime: 'Time of a write',
    readTime: 'Time of a read',
    reads: 'reads',
    writes: 'writes',
    newView: 'a new view',
    fault: 'a fault',
    whatTimesAre:
      'Times are from a request’s arrival in a server to its reply; what the network takes is not in them.',
    whatHasHappened: 'What has happened',
    nothingHappened: 'Nothing in the last ten minutes.',
    eventsLastFirst: 'Events, the last first',
    events: {
      zooKeeperLost: 'no connection to ZooKeeper',
      zooKeeperBack: 'ZooKeeper is there',
      server: (id, address) => (id === undefined ? address : `server ${id} (${address})`),
      waits: 'waits to join',
      isIn: 'is in the chain',
      answersAgain: 'answers again',
      hasLeft: 'has left',
    },
  },
  pt: {
    title: 'A cadeia, ao vivo',
    connecting: 'A ligar …',
    noServerAnswer: '✗ O servidor desta página não responde.',
    howItWas: (time) => `Era assim às ${time}.`,
    noZooKeeper: '✗ Sem ligação ao ZooKeeper',
    tryingAgain: 'A tentar de novo …',
    unreadable: '✗ Não é possível ler o registo no ZooKeeper:',
    noServers: '✗ O ZooKeeper está lá, mas não há nenhum servidor.',
    doNotAnswer: (silent, all) =>
      silent === 1
        ? `✗ 1 de ${all} servidores não responde`
        : `✗ ${silent} de ${all} servidores não respondem`,
    inChain: (servers, chain, joining) =>
      `✓ ${servers} ${servers === 1 ? 'servidor' : 'servidores'} na cadeia ${chain ?? '(ainda sem registo)'}${joining === 0 ? '' : `, ${joining} a entrar`}`,
    lastTenMinutes: 'Os últimos dez minutos',
    operationsPerSecond: 'Operações por segundo',
    writeTime: 'Tempo de uma escrita',
    readTime: 'Tempo de uma leitura',
    reads: 'leituras',
    writes: 'escritas',
    newView: 'uma nova vista',
    fault: 'uma falha',
    whatTimesAre:
      'Os tempos contam da chegada de um pedido a um servidor até à sua resposta; não incluem o que a rede demora.',
    whatHasHappened: 'O que aconteceu',
    nothingHappened: 'Nada nos últimos dez minutos.',
    eventsLastFirst: 'Acontecimentos, o último primeiro',
    events: {
      zooKeeperLost: 'sem ligação ao ZooKeeper',
      zooKeeperBack: 'o ZooKeeper está lá',
      server: (id, address) => (id === undefined ? address : `o servidor ${id} (${address})`),
      waits: 'espera para entrar',
      isIn: 'está na cadeia',
      answersAgain: 'responde de novo',
      hasLeft: 'saiu',
    },
  },
};

export const liveWord = inLanguage(texts);
