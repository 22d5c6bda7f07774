import type { Lesson } from './lesson.ts';

export const committed: Lesson = {
  name: 'committed',
  title: { en: 'How a write becomes COMMITTED', pt: 'Como uma escrita passa a COMMITTED' },
  anchor: 'chain-committed',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'old' }],
  steps: [
    {
      text: {
        en: 'Three servers form a chain. s0 is the head, which takes writes. s2 is the tail, which answers reads. All of them have the value "old" under the key a.',
        pt: 'Três servidores formam uma cadeia. s0 é a cabeça, que aceita as escritas. s2 é a cauda, que responde às leituras. Todos têm o valor "old" na chave a.',
      },
      until: { is: 'quiet' },
      highlight: ['s0', 's1', 's2'],
    },
    {
      text: {
        en: 'A client puts the value "new". It sends its request to the head.',
        pt: 'Um cliente faz put do valor "new". Envia o seu pedido à cabeça.',
      },
      actions: [{ do: 'put', key: 'a', value: 'new', as: 'write' }],
      until: { is: 'under-way', from: 'you', to: 's0', type: 'put' },
      highlight: ['you', { from: 'you', to: 's0', type: 'put' }],
    },
    {
      text: {
        en: 'The head gives the write its name, 0:2: epoch 0, number 2. From now on the write is ASSIGNED. The head executes it, and only then forwards it to s1 in UPDATES.',
        pt: 'A cabeça dá à escrita o seu nome, 0:2: época 0, número 2. A partir de agora a escrita está ASSIGNED. A cabeça executa-a, e só depois a encaminha para s1 em UPDATES.',
      },
      until: {
        is: 'all',
        of: [
          { is: 'entry', server: 's0', key: 'a', value: 'new' },
          { is: 'under-way', from: 's0', to: 's1', type: 'updates' },
        ],
      },
      highlight: ['s0', { from: 's0', to: 's1', type: 'updates' }],
    },
    {
      text: {
        en: 'The head has executed the write. The client waits for the answer COMMITTED.',
        pt: 'A cabeça executou a escrita. O cliente espera pela resposta COMMITTED.',
      },
      question: {
        text: {
          en: 'Which servers have executed the write when the head answers COMMITTED?',
          pt: 'Que servidores já executaram a escrita quando a cabeça responde COMMITTED?',
        },
        choices: [
          {
            text: { en: 'The head alone.', pt: 'Só a cabeça.' },
            holds: {
              is: 'all',
              of: [
                { is: 'answered', call: 'write' },
                { is: 'entry', server: 's1', key: 'a', value: 'old' },
              ],
            },
          },
          {
            text: { en: 'The head and s1, its successor.', pt: 'A cabeça e s1, o seu sucessor.' },
            holds: {
              is: 'all',
              of: [
                { is: 'answered', call: 'write' },
                { is: 'entry', server: 's2', key: 'a', value: 'old' },
              ],
            },
          },
          {
            text: { en: 'All three.', pt: 'Os três.' },
            holds: {
              is: 'all',
              of: [
                { is: 'entry', server: 's2', key: 'a', value: 'new' },
                { is: 'not', of: { is: 'answered', call: 'write' } },
              ],
            },
          },
        ],
        reason: {
          en: 'The tail has executed the write, and the client still has no answer: the ACK is on its way back to the head. COMMITTED means that every server of the chain has the write.',
          pt: 'A cauda executou a escrita, e o cliente ainda não tem resposta: o ACK está a caminho da cabeça. COMMITTED significa que todos os servidores da cadeia têm a escrita.',
        },
      },
      until: {
        is: 'any',
        of: [
          { is: 'answered', call: 'write' },
          { is: 'under-way', from: 's1', to: 's0', type: 'ack' },
        ],
      },
      highlight: ['s1', 's2', { from: 's1', to: 's0', type: 'ack' }],
    },
    {
      text: {
        en: 'The ACK says up to which update the tail has executed everything. When it reaches the head, the head answers COMMITTED.',
        pt: 'O ACK diz até que atualização a cauda executou tudo. Quando chega à cabeça, a cabeça responde COMMITTED.',
      },
      until: { is: 'answer', call: 'write', text: 'COMMITTED as 0:2' },
      highlight: ['s0', 'you'],
    },
    {
      text: {
        en: 'A read goes to the tail. It has executed every COMMITTED write, so the answer is "new".',
        pt: 'Uma leitura vai à cauda. Ela executou todas as escritas COMMITTED, e por isso a resposta é "new".',
      },
      actions: [{ do: 'get', key: 'a', as: 'read' }],
      until: { is: 'answer', call: 'read', text: 'value new' },
      highlight: ['you', 's2'],
    },
  ],
};
