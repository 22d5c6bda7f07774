import type { Lesson } from './lesson.ts';

export const mistakeNoHandover: Lesson = {
  name: 'mistake-no-handover',
  title: { en: 'A mistake: no HANDOVER', pt: 'Um erro: sem HANDOVER' },
  anchor: 'what-the-original-gets-wrong',
  mutant: 'serve-before-handover',
  seed: 1,
  servers: 1,
  before: [{ do: 'put', key: 'a', value: 'old' }],
  steps: [
    {
      text: {
        en: 'The original is the assignment that this course grew out of. In it a server that joins becomes the tail with an empty table. The servers of this lesson copy the table first, and still have half of the mistake: a new server answers reads as soon as it is the last in the chain. s1 joins, and s0 sends it the snapshot, and INVITE when it has caught up.',
        pt: 'O original é o enunciado de que este curso nasceu. Nele um servidor que entra passa a cauda com uma tabela vazia. Os servidores desta lição copiam primeiro a tabela, e têm ainda metade do erro: um servidor novo responde às leituras assim que é o último da cadeia. s1 entra, e s0 envia-lhe a cópia do estado, e INVITE quando já apanhou o atraso.',
      },
      actions: [{ do: 'join' }],
      until: { is: 'under-way', from: 's0', to: 's1', type: 'invite' },
      highlight: ['s0', { from: 's0', to: 's1', type: 'invite' }],
    },
    {
      text: {
        en: 'INVITE is slow. Meanwhile a client puts "new". s0 is still head and tail, so the put is COMMITTED when s0 alone has executed it. The UPDATES for s1 follow behind INVITE.',
        pt: 'INVITE demora. Entretanto um cliente faz put de "new". s0 é ainda cabeça e cauda, e por isso o put fica COMMITTED quando só s0 o executou. As UPDATES para s1 seguem atrás de INVITE.',
      },
      actions: [
        { do: 'delay', message: { from: 's0', to: 's1', type: 'invite' }, ms: 200 },
        { do: 'put', key: 'a', value: 'new', as: 'write' },
      ],
      until: {
        is: 'all',
        of: [
          { is: 'answer', call: 'write', text: 'COMMITTED' },
          { is: 'under-way', from: 's0', to: 's1', type: 'updates' },
        ],
      },
      highlight: ['s0', 'you', { from: 's0', to: 's1', type: 'updates' }],
    },
    {
      text: {
        en: 'INVITE arrives, and s1 enters the chain: the new view is s0, s1. It is still called joining, because the UPDATES are held up on the way, and HANDOVER behind them. By its mistake it answers reads all the same, as soon as it has seen the view. s0 sees the view a little later, and stops answering. So for a moment both answer, and then s1 alone.',
        pt: 'INVITE chega, e s1 entra na cadeia: a nova vista é s0, s1. Diz-se que ainda está a entrar, porque as UPDATES ficam retidas no caminho, e HANDOVER atrás delas. Devido ao seu erro responde mesmo assim às leituras, assim que viu a vista. s0 vê a vista um pouco mais tarde, e deixa de responder. Por isso durante um momento respondem ambos, e depois só s1.',
      },
      actions: [{ do: 'delay', message: { from: 's0', to: 's1', type: 'updates' }, ms: 4_000 }],
      until: {
        is: 'all',
        of: [
          { is: 'in-chain', servers: 2 },
          { is: 'not', of: { is: 'server', server: 's0', fact: 'serving-reads' } },
          { is: 'passed', ms: 500 },
        ],
      },
      highlight: ['zk', 's0', 's1'],
    },
    {
      text: {
        en: 'Another client, ana, reads the key from s1, the new tail.',
        pt: 'Outra cliente, ana, lê a chave em s1, a nova cauda.',
      },
      question: {
        text: { en: 'What does s1 answer?', pt: 'O que responde s1?' },
        choices: [
          {
            text: { en: 'NOT_READY.', pt: 'NOT_READY.' },
            holds: { is: 'answer', call: 'read', text: 'NOT_READY' },
          },
          {
            text: { en: '"old".', pt: '"old".' },
            holds: { is: 'answer', call: 'read', text: 'value old' },
          },
          {
            text: { en: '"new".', pt: '"new".' },
            holds: { is: 'answer', call: 'read', text: 'value new' },
          },
        ],
        reason: {
          en: 's1 does not have the put of "new". ana’s get began after this put was answered COMMITTED, so it had to see "new": no order of these operations gives "old". HANDOVER says up to which update the old tail may have answered. A server that waits for it, and for these updates, answers NOT_READY until then, and never at the same time as the old tail, which the rule named here forbids.',
          pt: 's1 não tem o put de "new". O get de ana começou depois de este put ter recebido COMMITTED, e por isso tinha de ver "new": nenhuma ordem destas operações dá "old". HANDOVER diz até que atualização a antiga cauda pode ter respondido. Um servidor que espera por ele, e por essas atualizações, responde NOT_READY até lá, e nunca ao mesmo tempo que a antiga cauda, o que a regra aqui indicada proíbe.',
        },
      },
      actions: [{ do: 'get', key: 'a', server: 's1', client: 'ana', as: 'read' }],
      until: { is: 'answered', call: 'read' },
      highlight: ['s1', 'ana'],
    },
    {
      text: {
        en: 'Later s0 gives up the silent link, and makes a new one. But it took the put for executed by the whole chain, and has dropped it from its log. So it refuses s1, which leaves the chain, joins anew, and copies the table. Too late for the answer that ana got.',
        pt: 'Mais tarde s0 desiste da ligação silenciosa, e faz uma nova. Mas tomou o put por executado por toda a cadeia, e retirou-o do seu diário. Por isso recusa s1, que sai da cadeia, entra de novo, e copia a tabela. Demasiado tarde para a resposta que ana recebeu.',
      },
      until: { is: 'entry', server: 's1', key: 'a', value: 'new' },
      limitMs: 10_000,
      highlight: ['s1', { from: 's0', to: 's1' }],
    },
  ],
};
