import type { Lesson } from './lesson.ts';
import { verifyAfterFailover } from './verify-after-failover.ts';

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
        en: 'The servers of this lesson have a mistake of the original: a new head gives its first write the number that follows its own last one, although the old head may have used that number.',
        pt: 'Os servidores desta lição têm um erro do original: uma nova cabeça dá à sua primeira escrita o número que se segue ao seu último, embora a antiga cabeça possa já ter usado esse número.',
      },
      until: { is: 'quiet' },
      highlight: ['s0', 's1'],
    },
    ...verifyAfterFailover.steps.slice(1, 3),
    {
      text: {
        en: 'A client of the original format knows no epochs. From the answer ASSIGNED it would know its put of "lost" as operation 2, and it asks the tail about operation 2.',
        pt: 'Um cliente do formato original não conhece épocas. Pela resposta ASSIGNED conheceria o seu put de "lost" como a operação 2, e pergunta à cauda pela operação 2.',
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
          en: 'Operation 2 is now the put of "two", another client’s. The client takes it for its own and believes that "lost" is stored. Unique numbers prevent it: each new head skips 65,536 numbers, more than an old head can have lost.',
          pt: 'A operação 2 é agora o put de "two", de outro cliente. O cliente toma-a pela sua e julga que "lost" está guardado. Números únicos evitam-no: cada nova cabeça salta 65 536 números, mais do que uma antiga cabeça pode ter perdido.',
        },
      },
      actions: [{ do: 'verify', name: '2', client: 'ana', as: 'number' }],
      until: { is: 'answered', call: 'number' },
      highlight: ['s2', 'ana'],
    },
  ],
};
