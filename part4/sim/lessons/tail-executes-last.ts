import type { Lesson } from './lesson.ts';

export const tailExecutesLast: Lesson = {
  name: 'tail-executes-last',
  title: {
    en: 'A slow tail',
    pt: 'Uma cauda lenta',
  },
  anchor: 'scenario-7',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'old' }],
  steps: [
    {
      text: {
        en: 'The table of the tail, s2, is very slow today: it receives updates at once, and executes them late.',
        pt: 'A tabela da cauda, s2, está hoje muito lenta: recebe logo as atualizações, e executa-as tarde.',
      },
      actions: [{ do: 'slow', server: 's2', factor: 2_000 }],
      until: { is: 'quiet' },
      highlight: ['s2'],
    },
    {
      text: {
        en: 'A client puts the value "new". The head and s1 have executed it soon, and the tail has received it.',
        pt: 'Um cliente faz put do valor "new". A cabeça e s1 depressa o executam, e a cauda recebe-o.',
      },
      actions: [{ do: 'put', key: 'a', value: 'new', as: 'write' }],
      until: {
        is: 'all',
        of: [
          { is: 'entry', server: 's0', key: 'a', value: 'new' },
          { is: 'entry', server: 's1', key: 'a', value: 'new' },
          { is: 'handled', server: 's2', event: '\\S+ updates 0:2', times: 1 },
        ],
      },
      highlight: ['s0', 's1', 's2'],
    },
    {
      text: {
        en: 'Another client, ana, reads the key now. Two of three servers have the new value in their tables.',
        pt: 'Outra cliente, ana, lê agora a chave. Dois dos três servidores têm o valor novo nas suas tabelas.',
      },
      question: {
        text: { en: 'What is she answered?', pt: 'Que resposta recebe?' },
        choices: [
          {
            text: {
              en: '"new": most of the servers have it.',
              pt: '"new": a maioria dos servidores já o tem.',
            },
            holds: { is: 'answer', call: 'read', text: 'value new' },
          },
          {
            text: {
              en: '"old", and the put has no answer yet.',
              pt: '"old", e o put ainda não tem resposta.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'answer', call: 'read', text: 'value old' },
                { is: 'not', of: { is: 'answered', call: 'write' } },
              ],
            },
          },
          {
            text: {
              en: '"old", although the put was answered COMMITTED.',
              pt: '"old", embora o put já tenha recebido COMMITTED.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'answer', call: 'read', text: 'value old' },
                { is: 'answered', call: 'write' },
              ],
            },
          },
        ],
        reason: {
          en: 'The tail alone answers reads, from what it has executed. It has not executed the write, so it shows the old value, and sends no ACK. The put is not COMMITTED, so the old value is no mistake.',
          pt: 'Só a cauda responde às leituras, com o que já executou. Não executou a escrita, e por isso mostra o valor antigo e não envia ACK. O put não está COMMITTED, e por isso o valor antigo não é um erro.',
        },
      },
      actions: [{ do: 'get', key: 'a', client: 'ana', as: 'read' }],
      until: { is: 'answered', call: 'read' },
      highlight: ['s2', 'ana'],
    },
    {
      text: {
        en: 'In the end the tail has executed the write too. Its ACK goes back along the chain, and the head answers COMMITTED.',
        pt: 'Por fim também a cauda executa a escrita. O seu ACK volta pela cadeia, e a cabeça responde COMMITTED.',
      },
      actions: [{ do: 'slow', server: 's2', factor: 1 }],
      until: { is: 'answer', call: 'write', text: 'COMMITTED as 0:2' },
      limitMs: 15_000,
      highlight: ['s2', 's0', 'you'],
    },
    {
      text: {
        en: 'From now on every read shows "new".',
        pt: 'A partir de agora todas as leituras mostram "new".',
      },
      actions: [{ do: 'get', key: 'a', client: 'ana', as: 'later' }],
      until: { is: 'answer', call: 'later', text: 'value new' },
      highlight: ['s2', 'ana'],
    },
  ],
};
