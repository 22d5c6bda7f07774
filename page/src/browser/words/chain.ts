import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What a drawing of the chain and a server's state say, in simulated and in real time. */
interface Words {
  readonly theChain: string;
  /** In a server's box. HEAD and TAIL are names of the protocol. */
  readonly boxRoles: Readonly<Record<Role, string>>;
  /** In a sentence, and in a table. */
  readonly roles: Readonly<Record<Role | 'paused', string>>;
  readonly isRole: (name: string, role: Role) => string;
  readonly paused: string;
  readonly zooKeeperIsDown: string;
  readonly zooKeeperRuns: string;
  readonly noNumber: string;
  readonly numberIs: (id: number) => string;
  readonly received: string;
  readonly executed: string;
  readonly stable: string;
  readonly lease: string;
  readonly noLease: string;
  readonly noView: string;
  readonly noServer: string;
  readonly viewIs: (version: number, servers: string) => string;
  readonly viewNumber: (version: number | string) => string;
  readonly noMembers: string;
  readonly membersAre: (members: string) => string;
  readonly none: string;
  readonly noneYet: string;
  readonly server: (name: string) => string;
  readonly inTheView: string;
  readonly viewVersion: string;
  readonly membersOnRecord: string;
  readonly joining: string;
  readonly role: string;
  readonly number: string;
  readonly actsOnView: string;
  readonly updatesReceived: string;
  readonly updatesExecuted: string;
  readonly executedByAll: string;
  readonly keysInTable: string;
  readonly leaseLeft: string;
}

export type Role = 'head' | 'middle' | 'tail' | 'alone' | 'joining';

const texts: Readonly<Record<Language, Words>> = {
  en: {
    theChain: 'The chain',
    boxRoles: { head: 'HEAD', middle: 'middle', tail: 'TAIL', alone: 'HEAD + TAIL', joining: 'joining' },
    roles: {
      head: 'head',
      middle: 'middle',
      tail: 'tail',
      alone: 'head and tail',
      joining: 'joining',
      paused: 'paused',
    },
    isRole: (name, role) => `${name} is ${texts.en.roles[role]}`,
    paused: 'paused',
    zooKeeperIsDown: 'ZooKeeper is down',
    zooKeeperRuns: 'ZooKeeper runs',
    noNumber: 'no number yet',
    numberIs: (id) => `number ${id}`,
    received: 'received',
    executed: 'executed',
    stable: 'stable',
    lease: 'lease',
    noLease: 'no lease',
    noView: 'no view yet',
    noServer: 'no server',
    viewIs: (version, servers) => `view ${version}: ${servers}`,
    viewNumber: (version) => `view ${version}`,
    noMembers: 'no members on record',
    membersAre: (members) => `members ${members}`,
    none: 'none',
    noneYet: 'none yet',
    server: (name) => `Server ${name}`,
    inTheView: 'in the view, head to tail',
    viewVersion: 'version of the view',
    membersOnRecord: 'members on record',
    joining: 'joining',
    role: 'role',
    number: 'number',
    actsOnView: 'acts on view',
    updatesReceived: 'updates received',
    updatesExecuted: 'updates executed',
    executedByAll: 'known to be executed by all',
    keysInTable: 'keys in its table',
    leaseLeft: 'lease left',
  },
  pt: {
    theChain: 'A cadeia',
    boxRoles: { head: 'HEAD', middle: 'meio', tail: 'TAIL', alone: 'HEAD + TAIL', joining: 'a entrar' },
    roles: {
      head: 'cabeça',
      middle: 'no meio',
      tail: 'cauda',
      alone: 'cabeça e cauda',
      joining: 'a entrar',
      paused: 'parado',
    },
    isRole: (name, role) =>
      `${name} ${role === 'head' || role === 'tail' ? 'é a' : role === 'alone' ? 'é' : 'está'} ${texts.pt.roles[role]}`,
    paused: 'parado',
    zooKeeperIsDown: 'ZooKeeper em baixo',
    zooKeeperRuns: 'o ZooKeeper funciona',
    noNumber: 'ainda sem número',
    numberIs: (id) => `número ${id}`,
    received: 'recebidas',
    executed: 'executadas',
    stable: 'estáveis',
    lease: 'concessão',
    noLease: 'sem concessão',
    noView: 'ainda sem vista',
    noServer: 'nenhum servidor',
    viewIs: (version, servers) => `vista ${version}: ${servers}`,
    viewNumber: (version) => `vista ${version}`,
    noMembers: 'sem membros no registo',
    membersAre: (members) => `membros ${members}`,
    none: 'nenhum',
    noneYet: 'ainda nenhum',
    server: (name) => `Servidor ${name}`,
    inTheView: 'na vista, da cabeça à cauda',
    viewVersion: 'número da vista',
    membersOnRecord: 'membros no registo',
    joining: 'a entrar',
    role: 'papel',
    number: 'número',
    actsOnView: 'age segundo a vista número',
    updatesReceived: 'atualizações recebidas',
    updatesExecuted: 'atualizações executadas',
    executedByAll: 'que todos executaram, ao que sabe',
    keysInTable: 'chaves na sua tabela',
    leaseLeft: 'concessão que resta',
  },
};

export const chainWord = inLanguage(texts);
