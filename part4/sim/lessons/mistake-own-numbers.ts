import type { Lesson } from './lesson.ts';
import { headIsReplaced, verifyAfterFailover } from './verify-after-failover.ts';

export const mistakeOwnNumbers: Lesson = {
  name: 'mistake-own-numbers',
  title: { en: 'A mistake: each head counts for itself', pt: 'Um erro: cada cabeça conta por si' },
  anchor: 'what-the-original-gets-wrong',
  mutant: 'number-of-a-lost-write',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 'In the original each server counts for itself, so two writes can have the same number. The servers of this lesson have this mistake: the number that a client is told is the place of its write in the history. Right servers skip 65,536 numbers with each new epoch, as in lesson 6.',
        pt: 'No original cada servidor conta por si, e por isso duas escritas podem ter o mesmo número. Os servidores desta lição têm este erro: o número que se diz a um cliente é o lugar da sua escrita na história. Servidores certos saltam 65 536 números em cada nova época, como na lição 6.',
      },
      until: { is: 'quiet' },
      highlight: ['s0', 's1'],
    },
    ...verifyAfterFailover.steps.slice(1, 2),
    {
      text: {
        en: 'The head crashes, and with it the only copy of 0:2. s1 becomes the head, and the put of "two" takes the second place in the history, as the first write of epoch 1. Right servers would tell its client 1:65538. These tell it 1:2: the number 2 is used a second time.',
        pt: 'A cabeça falha, e com ela a única cópia de 0:2. s1 passa a ser a cabeça, e o put de "two" ocupa o segundo lugar na história, como primeira escrita da época 1. Servidores certos diriam ao seu cliente 1:65538. Estes dizem-lhe 1:2: o número 2 é usado uma segunda vez.',
      },
      ...headIsReplaced('1:'),
    },
    {
      text: {
        en: 'ana’s client is one of the original format, which knows no epochs. From the answer ASSIGNED it would know its put of "lost" as operation 2, and it asks the tail about operation 2.',
        pt: 'O cliente de ana é do formato original, que não conhece épocas. Pela resposta ASSIGNED conheceria o seu put de "lost" como a operação 2, e pergunta à cauda pela operação 2.',
      },
      question: {
        text: { en: 'What does the tail answer?', pt: 'O que responde a cauda?' },
        choices: [
          {
            text: {
              en: 'Executed, although its write was lost.',
              pt: 'Executada, embora a sua escrita se tenha perdido.',
            },
            holds: { is: 'answer', call: 'number', text: 'executed' },
          },
          {
            text: { en: 'LOST.', pt: 'LOST.' },
            holds: { is: 'answer', call: 'number', text: 'LOST' },
          },
          {
            text: { en: 'Pending.', pt: 'Pendente.' },
            holds: { is: 'answer', call: 'number', text: 'pending' },
          },
        ],
        reason: {
          en: 'Operation 2 is now the put of "two", another client’s. ana’s client takes it for its own and believes that "lost" is stored. With right servers the put of "two" is operation 65538, no other write ever has the number 2, and the answer is LOST. What an old head can have lost is less than 65,536 writes.',
          pt: 'A operação 2 é agora o put de "two", de outro cliente. O cliente de ana toma-a pela sua e julga que "lost" está guardado. Com servidores certos o put de "two" é a operação 65538, nenhuma outra escrita tem alguma vez o número 2, e a resposta é LOST. O que uma antiga cabeça pode ter perdido são menos de 65 536 escritas.',
        },
      },
      actions: [{ do: 'verify', name: '2', client: 'ana', as: 'number' }],
      until: { is: 'answered', call: 'number' },
      highlight: ['s2', 'ana'],
    },
  ],
};
