import type { Lesson } from './lesson.ts';
import { bothWays } from './links.ts';

export const mistakeNoLease: Lesson = {
  name: 'mistake-no-lease',
  title: { en: 'A mistake: no leases', pt: 'Um erro: sem concessões' },
  anchor: 'what-the-original-gets-wrong',
  mutant: 'ignore-the-lease',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'old' }],
  steps: [
    {
      text: {
        en: 'The servers of this lesson have a mistake of the original: head and tail go on, however long ago ZooKeeper has answered.',
        pt: 'Os servidores desta lição têm um erro do original: cabeça e cauda continuam, por muito tempo que tenha passado desde que o ZooKeeper respondeu.',
      },
      until: { is: 'quiet' },
      highlight: ['s0', 's2'],
    },
    {
      text: {
        en: 'The tail, s2, is cut off from ZooKeeper and from s1. Clients can still reach it.',
        pt: 'A cauda, s2, fica sem ligação ao ZooKeeper e a s1. Os clientes ainda chegam a ela.',
      },
      actions: [...bothWays('cut', 's2', 'zk'), ...bothWays('cut', 's1', 's2')],
      until: { is: 'passed', ms: 50 },
      highlight: ['s2', { from: 's2', to: 'zk' }, { from: 's1', to: 's2' }],
    },
    {
      text: {
        en: 'A client puts "new". When the session of s2 has ended, s1 is the tail, and the put is COMMITTED.',
        pt: 'Um cliente faz put de "new". Quando a sessão de s2 acaba, s1 é a cauda, e o put fica COMMITTED.',
      },
      actions: [{ do: 'put', key: 'a', value: 'new', as: 'write' }],
      until: {
        is: 'all',
        of: [
          { is: 'in-chain', servers: 2 },
          { is: 'answer', call: 'write', text: 'COMMITTED' },
        ],
      },
      highlight: ['zk', 's0', 's1'],
    },
    {
      text: {
        en: 'A client that does not know the new view, ana, reads the key from s2.',
        pt: 'Uma cliente que não conhece a nova vista, ana, lê a chave em s2.',
      },
      question: {
        text: { en: 'What does s2 answer?', pt: 'O que responde s2?' },
        choices: [
          {
            text: { en: 'NOT_READY.', pt: 'NOT_READY.' },
            holds: { is: 'answer', call: 'read', text: 'NOT_READY' },
          },
          {
            text: { en: '"new".', pt: '"new".' },
            holds: { is: 'answer', call: 'read', text: 'value new' },
          },
          {
            text: { en: '"old".', pt: '"old".' },
            holds: { is: 'answer', call: 'read', text: 'value old' },
          },
        ],
        reason: {
          en: 'Nothing tells s2 that it was replaced, so it answers from its table: a read shows the old value after the new one was COMMITTED. The get began after the put of "new" was answered, so it had to see "new": no order of these operations gives "old". Two servers answer reads, which the rule named here forbids. With a lease s2 looks at its clock before it answers, and answers NOT_READY.',
          pt: 'Nada diz a s2 que foi substituída, e por isso responde com a sua tabela: uma leitura mostra o valor antigo depois de o novo estar COMMITTED. O get começou depois de o put de "new" ter tido resposta, e por isso tinha de ver "new": nenhuma ordem destas operações dá "old". Dois servidores respondem às leituras, o que a regra aqui indicada proíbe. Com uma concessão s2 olha para o seu relógio antes de responder, e responde NOT_READY.',
        },
      },
      actions: [{ do: 'get', key: 'a', server: 's2', client: 'ana', as: 'read' }],
      until: { is: 'answered', call: 'read' },
      highlight: ['s2', 'ana'],
    },
    {
      text: {
        en: 'The links of s2 work again. It learns that its session is over, joins anew, and gets "new". Too late for the answer that ana got.',
        pt: 'As ligações de s2 voltam a funcionar. Fica a saber que a sua sessão acabou, entra de novo, e recebe "new". Demasiado tarde para a resposta que ana recebeu.',
      },
      actions: [...bothWays('heal', 's2', 'zk'), ...bothWays('heal', 's1', 's2')],
      until: {
        is: 'all',
        of: [{ is: 'quiet' }, { is: 'entry', server: 's2', key: 'a', value: 'new' }],
      },
      limitMs: 10_000,
      highlight: ['s2', 'zk'],
    },
    {
      text: {
        en: 'The protocol in five sentences. The head numbers the writes, and every server executes them in this order and passes them on. A write is COMMITTED when the tail has executed it, and the tail alone answers reads. When a server fails, its neighbours link up, and each sends again what the next one lacks. A new server copies the table of the tail, and answers only after HANDOVER. ZooKeeper says who is in the chain, and a server that does not hear from it in time stops answering.',
        pt: 'O protocolo em cinco frases. A cabeça numera as escritas, e todos os servidores as executam por esta ordem e as passam adiante. Uma escrita está COMMITTED quando a cauda a executou, e só a cauda responde às leituras. Quando um servidor falha, os seus vizinhos ligam-se um ao outro, e cada um volta a enviar o que falta ao seguinte. Um servidor novo copia a tabela da cauda, e só responde depois de HANDOVER. O ZooKeeper diz quem está na cadeia, e um servidor que não tem notícias dele a tempo deixa de responder.',
      },
      until: { is: 'quiet' },
      highlight: ['zk', 's0', 's1', 's2'],
    },
  ],
};
