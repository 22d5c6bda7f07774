import { crashInTheMiddle } from './crash-in-the-middle.ts';
import type { Lesson } from './lesson.ts';

export const mistakeNothingIsResent: Lesson = {
  name: 'mistake-nothing-is-resent',
  title: { en: 'A mistake: how a new link begins', pt: 'Um erro: como começa uma nova ligação' },
  anchor: 'what-the-original-gets-wrong',
  mutant: 'resend-nothing',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 'The servers of this lesson have a mistake of the original: a new link begins with what comes next, not with what the successor lacks.',
        pt: 'Os servidores desta lição têm um erro do original: uma nova ligação começa com o que vem a seguir, e não com o que falta ao sucessor.',
      },
      until: { is: 'quiet' },
      highlight: ['s0', 's1', 's2'],
    },
    ...crashInTheMiddle.steps.slice(0, 2),
    {
      text: {
        en: 'ZooKeeper ends the session of s1, and the head links to s2.',
        pt: 'O ZooKeeper termina a sessão de s1, e a cabeça liga-se a s2.',
      },
      question: {
        text: {
          en: 'What becomes of the put of "two" in the next four seconds?',
          pt: 'O que acontece ao put de "two" nos próximos quatro segundos?',
        },
        choices: [
          {
            text: { en: 'It is COMMITTED.', pt: 'Fica COMMITTED.' },
            holds: { is: 'answer', call: 'write', text: 'COMMITTED' },
          },
          {
            text: {
              en: 'The head has it and the tail does not, and the client gets no answer.',
              pt: 'A cabeça tem-no e a cauda não, e o cliente não recebe resposta.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'entry', server: 's0', key: 'a', value: 'two' },
                { is: 'entry', server: 's2', key: 'a', value: 'one' },
                { is: 'not', of: { is: 'answered', call: 'write' } },
              ],
            },
          },
          {
            text: { en: 'It is refused with LOST.', pt: 'É recusado com LOST.' },
            holds: { is: 'answer', call: 'write', text: 'LOST' },
          },
        ],
        reason: {
          en: 'The update was lost with s1, and nobody sends it again, so no ACK can come. Nor would a later write help: s2 still expects 0:2, and would have to refuse an update that leaves a gap. The log, and the handshake of each link, are there for this.',
          pt: 'A atualização perdeu-se com s1, e ninguém a envia de novo, pelo que não pode vir nenhum ACK. Também uma escrita posterior não ajudaria: s2 continua à espera de 0:2, e teria de recusar uma atualização que deixa uma falha na sequência. Para isto existem o diário e a negociação de cada ligação.',
        },
      },
      until: { is: 'passed', ms: 4_000 },
      limitMs: 4_500,
      highlight: ['s0', 's2', { from: 's0', to: 's2' }],
    },
  ],
};
