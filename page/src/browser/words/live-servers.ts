import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What the page of a running chain says of its servers. */
interface Words {
  readonly chooseServer: string;
  readonly connection: string;
  readonly there: string;
  readonly notThere: string;
  readonly chain: string;
  readonly noneOnRecord: string;
  readonly recordIsOfView: string;
  readonly doesNotAnswer: string;
  readonly isSilent: (address: string) => string;
  readonly noConnection: string;
  readonly waitsFor: string;
  readonly nothing: string;
  readonly queue: string;
  readonly behindHead: string;
  readonly tableBytes: string;
  readonly unsettledBytes: string;
  readonly clientSessions: string;
  readonly readsDone: string;
  readonly writesDone: string;
  readonly upFor: string;
  readonly allServers: string;
  readonly columns: Readonly<
    Record<'server' | 'view' | 'lease' | 'queue' | 'keys' | 'table' | 'behind', string>
  >;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    chooseServer: 'Choose a server to see its figures.',
    connection: 'connection',
    there: 'there',
    notThere: 'none',
    chain: 'chain',
    noneOnRecord: 'none on record',
    recordIsOfView: 'the record is of view',
    doesNotAnswer: 'does not answer',
    isSilent: (address) => `${address} does not answer`,
    noConnection: 'there is no connection to ZooKeeper',
    waitsFor: 'waits for',
    nothing: 'nothing',
    queue: 'received and not executed (queue)',
    behindHead: 'behind the head',
    tableBytes: 'table, bytes',
    unsettledBytes: 'not executed by all, bytes',
    clientSessions: 'client sessions',
    readsDone: 'reads since its start',
    writesDone: 'writes since its start',
    upFor: 'up for',
    allServers: 'All servers',
    columns: {
      server: 'server',
      view: 'view',
      lease: 'lease, ms',
      queue: 'queue',
      keys: 'keys',
      table: 'table, bytes',
      behind: 'behind',
    },
  },
  pt: {
    chooseServer: 'Escolha um servidor para ver os seus números.',
    connection: 'ligação',
    there: 'existe',
    notThere: 'nenhuma',
    chain: 'cadeia',
    noneOnRecord: 'nenhuma no registo',
    recordIsOfView: 'o registo é da vista número',
    doesNotAnswer: 'não responde',
    isSilent: (address) => `${address} não responde`,
    noConnection: 'não há ligação ao ZooKeeper',
    waitsFor: 'espera por',
    nothing: 'nada',
    queue: 'recebidas e por executar (fila)',
    behindHead: 'atrás da cabeça',
    tableBytes: 'tabela, em bytes',
    unsettledBytes: 'por executar em algum servidor, em bytes',
    clientSessions: 'sessões de cliente',
    readsDone: 'leituras desde o arranque',
    writesDone: 'escritas desde o arranque',
    upFor: 'em funcionamento há',
    allServers: 'Todos os servidores',
    columns: {
      server: 'servidor',
      view: 'vista n.º',
      lease: 'concessão, ms',
      queue: 'fila',
      keys: 'chaves',
      table: 'tabela, bytes',
      behind: 'atraso',
    },
  },
};

export const liveServerWord = inLanguage(texts);
