import type { Lesson, Step } from './lesson.ts';

/** The head is lost with a write that only it has; the next head gives the place to another, whose client is told `name`. */
export function headIsReplaced(name: string): Omit<Step, 'text'> {
  return {
    actions: [
      { do: 'kill', server: 's0' },
      { do: 'put', key: 'a', value: 'two', as: 'second' },
    ],
    until: {
      is: 'all',
      of: [
        { is: 'answer', call: 'second', text: `COMMITTED as ${name}` },
        { is: 'puts', server: 's2', values: ['one', 'two'] },
      ],
    },
    limitMs: 10_000,
    highlight: ['s0', 's1', 's2'],
  };
}

export const verifyAfterFailover: Lesson = {
  name: 'verify-after-failover',
  title: { en: 'verify after a failover', pt: 'verify depois de uma mudança de servidor' },
  anchor: 'scenario-6',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 'A put of "one" was COMMITTED under the name 0:1: epoch 0, number 1. The operation verify asks the tail whether the write of that name is executed.',
        pt: 'Um put de "one" ficou COMMITTED com o nome 0:1: época 0, número 1. A operação verify pergunta à cauda se a escrita com esse nome está executada.',
      },
      actions: [{ do: 'verify', name: '0:1', as: 'first' }],
      until: { is: 'answer', call: 'first', text: 'executed' },
      highlight: ['s2', 'you'],
    },
    {
      text: {
        en: 'The path from the head to s1 is cut. A client, ana, puts "lost" at the head, and asks for no more than one attempt. The head numbers it 0:2 and executes it, and cannot forward it.',
        pt: 'O caminho da cabeça para s1 é cortado. Uma cliente, ana, faz put de "lost" na cabeça, com uma só tentativa. A cabeça dá-lhe o nome 0:2 e executa-o, e não o consegue encaminhar.',
      },
      actions: [
        { do: 'cut', from: 's0', to: 's1' },
        { do: 'put', key: 'a', value: 'lost', server: 's0', client: 'ana', as: 'lost' },
      ],
      until: {
        is: 'all',
        of: [
          { is: 'puts', server: 's0', values: ['one', 'lost'] },
          { is: 'handled', server: 's0', event: 'executed executed 3\\b', times: 1 },
        ],
      },
      highlight: ['s0', { from: 's0', to: 's1', type: 'updates' }],
    },
    {
      text: {
        en: 'The head crashes, and with it the only copy of 0:2. s1 becomes the head and numbers the next write: "two" takes the place of 0:2 in the history, as the first write of epoch 1. Among the servers it is 1:2, by its place. The client is told 1:65538: for clients, each new epoch skips 65,536 numbers, so that no number is used twice.',
        pt: 'A cabeça falha, e com ela a única cópia de 0:2. s1 passa a ser a cabeça e numera a escrita seguinte: "two" ocupa na história o lugar de 0:2, como primeira escrita da época 1. Entre os servidores é 1:2, pelo seu lugar. Ao cliente diz-se 1:65538: para os clientes, cada nova época salta 65 536 números, para que nenhum número seja usado duas vezes.',
      },
      ...headIsReplaced('1:65538'),
    },
    {
      text: {
        en: 'A client asks the tail about the names 0:1 and 0:2. It would know the second one from the answer ASSIGNED, which comes before a write is forwarded.',
        pt: 'Um cliente pergunta à cauda pelos nomes 0:1 e 0:2. Conheceria o segundo pela resposta ASSIGNED, que vem antes de uma escrita ser encaminhada.',
      },
      question: {
        text: { en: 'What is the answer for 0:2?', pt: 'Qual é a resposta para 0:2?' },
        choices: [
          {
            text: {
              en: 'Executed: the history has a second write.',
              pt: 'Executada: a história tem uma segunda escrita.',
            },
            holds: { is: 'answer', call: 'name', text: 'executed' },
          },
          {
            text: { en: 'Pending: it may still come.', pt: 'Pendente: ainda pode vir.' },
            holds: { is: 'answer', call: 'name', text: 'pending' },
          },
          {
            text: { en: 'LOST: it will never be executed.', pt: 'LOST: nunca será executada.' },
            holds: { is: 'answer', call: 'name', text: 'LOST' },
          },
        ],
        reason: {
          en: 'The servers know which epoch numbered each part of the history. The second place belongs to epoch 1, so the write 0:2 can never come. The name of another head’s write is another name: verify never answers for a different write.',
          pt: 'Os servidores sabem que época numerou cada parte da história. O segundo lugar pertence à época 1, e por isso a escrita 0:2 já não pode vir. A escrita de outra cabeça tem outro nome: verify nunca responde por uma escrita diferente.',
        },
      },
      actions: [
        { do: 'verify', name: '0:1', as: 'kept' },
        { do: 'verify', name: '0:2', as: 'name' },
      ],
      until: {
        is: 'all',
        of: [
          { is: 'answered', call: 'kept' },
          { is: 'answered', call: 'name' },
        ],
      },
      highlight: ['s2', 'you'],
    },
    {
      text: {
        en: 'The write of the old head that was COMMITTED is still known by its name, 0:1.',
        pt: 'A escrita da antiga cabeça que ficou COMMITTED continua a ser conhecida pelo seu nome, 0:1.',
      },
      until: { is: 'answer', call: 'kept', text: 'executed' },
      highlight: ['s2'],
    },
  ],
};
