import type { Lesson } from './lesson.ts';
import { bothWays } from './links.ts';

export const totalFailure: Lesson = {
  name: 'total-failure',
  title: { en: 'After a total failure', pt: 'Depois de uma falha total' },
  anchor: 'scenario-9',
  seed: 1,
  servers: 2,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 's1 loses its connection to ZooKeeper. When its session has ended, s0 goes on alone, and writes that into the membership record, which ZooKeeper keeps: s0 alone has everything that was answered.',
        pt: 's1 perde a ligação ao ZooKeeper. Quando a sua sessão acaba, s0 continua só, e escreve-o no registo de membros, que o ZooKeeper guarda: só s0 tem tudo o que foi respondido.',
      },
      actions: [...bothWays('cut', 's1', 'zk')],
      until: { is: 'server', server: 's0', fact: 'alone' },
      highlight: ['s1', 'zk', { from: 's1', to: 'zk' }],
    },
    {
      text: {
        en: 'A client puts "two". s0 is the whole chain, and the write is COMMITTED. s1 does not have it.',
        pt: 'Um cliente faz put de "two". s0 é a cadeia inteira, e a escrita fica COMMITTED. s1 não a tem.',
      },
      actions: [{ do: 'put', key: 'a', value: 'two', as: 'write' }],
      until: {
        is: 'all',
        of: [
          { is: 'answer', call: 'write', text: 'COMMITTED' },
          { is: 'puts', server: 's1', values: ['one'] },
        ],
      },
      highlight: ['s0', 'you'],
    },
    {
      text: {
        en: 'Now s0 stops as well, as if its machine had failed: no server of the chain is left.',
        pt: 'Agora também s0 para, como se a sua máquina tivesse falhado: não resta nenhum servidor da cadeia.',
      },
      actions: [{ do: 'pause', server: 's0' }],
      until: { is: 'in-chain', servers: 0 },
      highlight: ['s0', 'zk'],
    },
    {
      text: {
        en: 's1 reaches ZooKeeper again, and registers under /chain-joining. It is the only server, and its table has "one".',
        pt: 's1 volta a chegar ao ZooKeeper, e regista-se em /chain-joining. É o único servidor, e a sua tabela tem "one".',
      },
      question: {
        text: {
          en: 'What does s1 do now?',
          pt: 'O que faz s1 agora?',
        },
        choices: [
          {
            text: {
              en: 'It becomes head and tail: better an old value than none.',
              pt: 'Passa a ser cabeça e cauda: antes um valor antigo do que nenhum.',
            },
            holds: { is: 'server', server: 's1', fact: 'alone' },
          },
          {
            text: {
              en: 'It waits, serves nobody, and keeps its data.',
              pt: 'Espera, não serve ninguém, e guarda os seus dados.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'joining', servers: 1 },
                { is: 'in-chain', servers: 0 },
                { is: 'answer', call: 'read', text: 'NOT_READY' },
                { is: 'entry', server: 's1', key: 'a', value: 'one' },
              ],
            },
          },
          {
            text: {
              en: 'It discards its data and begins an empty chain.',
              pt: 'Deita fora os seus dados e começa uma cadeia vazia.',
            },
            holds: { is: 'not', of: { is: 'entry', server: 's1', key: 'a', value: 'one' } },
          },
        ],
        reason: {
          en: 'The record does not name s1, so s1 may lack COMMITTED writes, and it does. It waits for twelve seconds here, in which nothing happens that could be shown, and would wait for ever. Only a server that the record names may continue the chain. If that one never returns, an operator decides: table-admin recover shows who holds what.',
          pt: 'O registo não nomeia s1, e por isso podem faltar-lhe escritas COMMITTED, como de facto faltam. Aqui espera doze segundos, em que não acontece nada que se pudesse mostrar, e esperaria para sempre. Só um servidor que o registo nomeia pode continuar a cadeia. Se esse nunca voltar, decide um operador: table-admin recover mostra quem tem o quê.',
        },
      },
      actions: [
        ...bothWays('heal', 's1', 'zk'),
        { do: 'get', key: 'a', server: 's1', client: 'ana', as: 'read' },
      ],
      until: { is: 'passed', ms: 12_000 },
      limitMs: 13_000,
      highlight: ['s1', 'zk'],
    },
    {
      text: {
        en: 's0 comes back in a new session. The record names it, and it has its data: it continues the chain, and s1 gets from it what it lacks.',
        pt: 's0 volta numa nova sessão. O registo nomeia-o, e ele tem os seus dados: continua a cadeia, e s1 recebe dele o que lhe falta.',
      },
      actions: [{ do: 'resume', server: 's0' }],
      until: {
        is: 'all',
        of: [
          { is: 'quiet' },
          { is: 'server', server: 's0', fact: 'head' },
          { is: 'puts', server: 's1', values: ['one', 'two'] },
        ],
      },
      limitMs: 15_000,
      highlight: ['s0', 's1', 'zk'],
    },
  ],
};
