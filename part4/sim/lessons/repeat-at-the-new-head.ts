import type { Lesson } from './lesson.ts';

export const repeatAtTheNewHead: Lesson = {
  name: 'repeat-at-the-new-head',
  title: { en: 'The head dies before it can answer', pt: 'A cabeça morre antes de poder responder' },
  anchor: 'scenario-5',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 'A client puts "two". All servers have executed it, under the name 0:2, and the ACK is on its way from s1 to the head.',
        pt: 'Um cliente faz put de "two". Todos os servidores o executaram, com o nome 0:2, e o ACK vai a caminho de s1 para a cabeça.',
      },
      actions: [{ do: 'put', key: 'a', value: 'two', as: 'write' }],
      until: { is: 'under-way', from: 's1', to: 's0', type: 'ack' },
      highlight: [{ from: 's1', to: 's0', type: 'ack' }],
    },
    {
      text: {
        en: 'The head crashes before the ACK arrives. The client does not know whether its write has happened.',
        pt: 'A cabeça falha antes de o ACK chegar. O cliente não sabe se a sua escrita aconteceu.',
      },
      actions: [{ do: 'kill', server: 's0' }],
      until: {
        is: 'all',
        of: [
          { is: 'passed', ms: 200 },
          { is: 'not', of: { is: 'answered', call: 'write' } },
        ],
      },
      highlight: ['s0', 'you'],
    },
    {
      text: {
        en: 'Meanwhile another client, ana, puts "three"; her write will wait for the new head, too.',
        pt: 'Entretanto outra cliente, ana, faz put de "three"; também a sua escrita vai esperar pela nova cabeça.',
      },
      question: {
        text: {
          en: 'The first client repeats its put of "two" at the new head, s1. What happens?',
          pt: 'O primeiro cliente repete o seu put de "two" na nova cabeça, s1. O que acontece?',
        },
        choices: [
          {
            text: {
              en: 'It gets the name of the first attempt, 0:2, and nothing is executed again.',
              pt: 'Recebe o nome da primeira tentativa, 0:2, e nada é executado de novo.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'answer', call: 'write', text: 'COMMITTED as 0:2' },
                { is: 'puts', server: 's2', values: ['one', 'two', 'three'] },
              ],
            },
          },
          {
            text: {
              en: 'It is executed again, as a new write of epoch 1.',
              pt: 'É executado de novo, como uma nova escrita da época 1.',
            },
            holds: { is: 'answer', call: 'write', text: 'COMMITTED as 1:' },
          },
          {
            text: {
              en: 'It is refused with LOST: only the old head knew the request.',
              pt: 'É recusado com LOST: só a antiga cabeça conhecia o pedido.',
            },
            holds: { is: 'answer', call: 'write', text: 'LOST' },
          },
        ],
        reason: {
          en: 'The repeat has the same number in its client session as the first attempt. Every server keeps the outcomes of a session’s requests, as part of the replicated state. Executed again after "three", the put of "two" would undo another client’s write.',
          pt: 'A repetição tem na sua sessão de cliente o mesmo número que a primeira tentativa. Todos os servidores guardam os resultados dos pedidos de uma sessão, como parte do estado replicado. Executado de novo depois de "three", o put de "two" desfaria a escrita de outro cliente.',
        },
      },
      actions: [{ do: 'put', key: 'a', value: 'three', client: 'ana', as: 'other' }],
      until: {
        is: 'all',
        of: [
          { is: 'answered', call: 'write' },
          { is: 'answered', call: 'other' },
        ],
      },
      limitMs: 10_000,
      highlight: ['s1', 'you'],
    },
    {
      text: {
        en: 'The key has the value of the later write. What if the head dies when only a part of the chain has the write? If s1 has it, s1 passes it on, as in lesson 3. If nobody else has it, the write is gone, and the client’s repeat is executed as a new write of the new head. Either way it is executed once.',
        pt: 'A chave tem o valor da escrita posterior. E se a cabeça morrer quando só uma parte da cadeia tem a escrita? Se s1 a tem, s1 passa-a adiante, como na lição 3. Se mais ninguém a tem, a escrita desapareceu, e a repetição do cliente é executada como uma nova escrita da nova cabeça. Em ambos os casos é executada uma vez.',
      },
      actions: [{ do: 'get', key: 'a', as: 'read' }],
      until: { is: 'answer', call: 'read', text: 'value three' },
      highlight: ['s2'],
    },
  ],
};
