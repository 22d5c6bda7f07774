import type { Lesson } from './lesson.ts';

export const oldHead: Lesson = {
  name: 'old-head',
  title: { en: 'An old head comes back with an update', pt: 'Uma antiga cabeça volta com uma atualização' },
  anchor: 'scenario-3',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 'The path from the head, s0, to s1 is cut. The head numbers and executes the client’s put of "two", and its UPDATES do not arrive.',
        pt: 'O caminho da cabeça, s0, para s1 é cortado. A cabeça numera e executa o put de "two" do cliente, e as suas UPDATES não chegam.',
      },
      actions: [
        { do: 'cut', from: 's0', to: 's1' },
        { do: 'put', key: 'a', value: 'two', as: 'write' },
      ],
      until: {
        is: 'all',
        of: [
          { is: 'puts', server: 's0', values: ['one', 'two'] },
          { is: 'handled', server: 's0', event: 'executed executed 3\\b', times: 1 },
        ],
      },
      highlight: ['s0', { from: 's0', to: 's1', type: 'updates' }],
    },
    {
      text: {
        en: 'Now s0 is paused as well. Its session ends, and s1 is the head of the new view. It has never seen update 0:2.',
        pt: 'Agora s0 fica também parado. A sua sessão acaba, e s1 é a cabeça da nova vista. Nunca viu a atualização 0:2.',
      },
      actions: [{ do: 'pause', server: 's0' }],
      until: { is: 'server', server: 's1', fact: 'taking-writes' },
      highlight: ['zk', 's1'],
    },
    {
      text: {
        en: 'The client has no answer, and repeats its put at the new head, with the same number in its client session. The new head numbers it in its own epoch, 1.',
        pt: 'O cliente não tem resposta, e repete o seu put na nova cabeça, com o mesmo número na sua sessão de cliente. A nova cabeça numera-o na sua própria época, 1.',
      },
      until: { is: 'answer', call: 'write', text: 'COMMITTED as 1:' },
      limitMs: 10_000,
      highlight: ['you', 's1', 's2'],
    },
    {
      text: {
        en: 'The path is whole again, and s0 wakes up. It still takes itself for the head, has update 0:2 in its table, and in its log for s1.',
        pt: 'O caminho volta a funcionar, e s0 acorda. Ainda se julga a cabeça, tem a atualização 0:2 na sua tabela, e no seu diário para s1.',
      },
      question: {
        text: {
          en: 'What becomes of the update of the old head?',
          pt: 'O que acontece à atualização da antiga cabeça?',
        },
        choices: [
          {
            text: {
              en: 's1 executes it: "two" is written twice.',
              pt: 's1 executa-a: "two" é escrito duas vezes.',
            },
            holds: { is: 'puts', server: 's1', values: ['one', 'two', 'two'] },
          },
          {
            text: {
              en: 's1 takes nothing from s0, and s0 is in the chain no more.',
              pt: 's1 não aceita nada de s0, e s0 já não está na cadeia.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'puts', server: 's1', values: ['one', 'two'] },
                { is: 'server', server: 's0', fact: 'joining' },
              ],
            },
          },
          {
            text: {
              en: 's0 is the head again, because its number is lower.',
              pt: 's0 volta a ser a cabeça, porque o seu número é menor.',
            },
            holds: { is: 'server', server: 's0', fact: 'head' },
          },
        ],
        reason: {
          en: 'A server takes updates only from its predecessor in its view, and s1 has none: it has closed the link that s0 still had. So s0 cannot bring its update into the chain. Then s0 hears from ZooKeeper that its session is over, and ceases to be the head.',
          pt: 'Um servidor só aceita atualizações do seu predecessor na sua vista, e s1 não tem nenhum: fechou a ligação que s0 ainda tinha. Por isso s0 não consegue levar a sua atualização para a cadeia. Depois s0 fica a saber pelo ZooKeeper que a sua sessão acabou, e deixa de ser a cabeça.',
        },
      },
      actions: [
        { do: 'heal', from: 's0', to: 's1' },
        { do: 'resume', server: 's0' },
      ],
      until: {
        is: 'all',
        of: [
          { is: 'handled', server: 's0', event: 'session-ended', times: 1 },
          { is: 'handled', server: 's0', event: 'link-down', times: 1 },
        ],
      },
      highlight: ['s0', 's1', 'zk'],
    },
    {
      text: {
        en: 's0 opens a new session, gets a new number in ZooKeeper, and joins at the end of the chain. It gives up what the chain does not have, and copies the state from the tail.',
        pt: 's0 abre uma nova sessão, recebe um novo número no ZooKeeper, e entra no fim da cadeia. Abandona o que a cadeia não tem, e copia o estado da cauda.',
      },
      until: {
        is: 'all',
        of: [{ is: 'quiet' }, { is: 'in-chain', servers: 3 }, { is: 'server', server: 's0', fact: 'tail' }],
      },
      limitMs: 10_000,
      highlight: ['s0', 's2', 'zk'],
    },
    {
      text: {
        en: 'All three have the same history: "one", then "two", once.',
        pt: 'Os três têm a mesma história: "one", depois "two", uma vez.',
      },
      until: {
        is: 'all',
        of: ['s0', 's1', 's2'].map((server) => ({ is: 'puts', server, values: ['one', 'two'] })),
      },
      highlight: ['s0', 's1', 's2'],
    },
  ],
};
