import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** The words that a drawing of the chain uses, each with its meaning. */
interface Words {
  readonly title: string;
  readonly terms: readonly (readonly [term: string, meaning: string])[];
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    title: 'What the words mean',
    terms: [
      ['s0#1', 'the server on the machine s0; the starts of all servers are counted, and this was the first'],
      ['HEAD', 'the first server: it takes the writes, and gives each its number'],
      ['middle', 'it executes what it gets from its predecessor, and passes it on to its successor'],
      ['TAIL', 'the last server: what it has executed, all have executed; it answers the reads'],
      ['joining', 'not in the chain yet: it copies the table, and answers nothing'],
      [
        'number',
        'of a server: given by ZooKeeper when it enters the chain; of a write: its place in the order of all',
      ],
      [
        '0:2',
        'a write’s name: the epoch, which each new head begins, and the write’s number; both count from 0',
      ],
      ['received, executed', 'how many writes from the beginning on the server has received, and executed'],
      ['stable', 'how many of them it knows to be executed by all servers'],
      ['ACK', 'a message towards the head: up to this number, the tail has executed all'],
      [
        'COMMITTED',
        'the answer to a write that every server has executed; ASSIGNED: the head has numbered it, no more',
      ],
      ['ZooKeeper', 'a service of its own that knows which servers are alive, and tells all of them'],
      ['session', 'ZooKeeper’s word for a connection that it misses when nothing is heard for some time'],
      [
        'view',
        'the servers in the chain, in order, as ZooKeeper has them on record; each change makes a new one',
      ],
      ['members', 'the servers that hold the table: only they may begin a chain anew'],
      [
        'lease',
        'the time for which a server may act as head or tail; a confirmed heartbeat to ZooKeeper renews it',
      ],
    ],
  },
  pt: {
    title: 'O que significam as palavras',
    terms: [
      [
        's0#1',
        'o servidor na máquina s0; contam-se os arranques de todos os servidores, e este foi o primeiro',
      ],
      ['HEAD', 'a cabeça, o primeiro servidor: recebe as escritas e dá a cada uma o seu número'],
      ['meio', 'executa o que lhe chega do antecessor e passa-o ao sucessor'],
      ['TAIL', 'a cauda, o último servidor: o que ela executou, todos executaram; responde às leituras'],
      ['a entrar', 'ainda fora da cadeia: copia a tabela e não responde a nada'],
      [
        'número',
        'de um servidor: dado pelo ZooKeeper quando entra na cadeia; de uma escrita: o seu lugar na ordem de todas',
      ],
      [
        '0:2',
        'o nome de uma escrita: a época, que cada nova cabeça começa, e o número da escrita; ambos contam a partir de 0',
      ],
      ['recebidas, executadas', 'quantas escritas, desde o princípio, o servidor recebeu e executou'],
      ['estáveis', 'quantas delas ele sabe que todos os servidores executaram'],
      ['ACK', 'uma mensagem em direção à cabeça: até este número, a cauda executou tudo'],
      [
        'COMMITTED',
        'a resposta a uma escrita que todos os servidores executaram; ASSIGNED: a cabeça deu-lhe um número, e mais nada',
      ],
      ['ZooKeeper', 'um serviço à parte que sabe que servidores estão vivos e o diz a todos'],
      [
        'sessão',
        'a palavra do ZooKeeper para uma ligação de que dá pela falta quando nada se ouve durante algum tempo',
      ],
      [
        'vista',
        'os servidores da cadeia, por ordem, como o ZooKeeper os tem registados; cada mudança faz uma nova',
      ],
      ['membros', 'os servidores que têm a tabela: só eles podem recomeçar uma cadeia'],
      [
        'concessão',
        'o tempo durante o qual um servidor pode agir como cabeça ou cauda; um sinal de vida confirmado pelo ZooKeeper renova-o',
      ],
    ],
  },
};

export const termsWord = inLanguage(texts);
