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
        en: 'Three servers form a chain. Each has a table of keys and values. s0 is the head, which takes writes. s1, in the middle, executes what it gets from its predecessor, and passes it on. s2 is the tail, which answers reads. All of them have the value "old" under the key a.',
        pt: 'Três servidores formam uma cadeia. Cada um tem uma tabela de chaves e valores. s0 é a cabeça, que aceita as escritas. s1, no meio, executa o que recebe do seu predecessor, e passa-o adiante. s2 é a cauda, que responde às leituras. Todos têm o valor "old" na chave a.',
      },
      until: { is: 'quiet' },
      highlight: ['s0', 's1', 's2'],
    },
    {
      text: {
        en: 'ZooKeeper is a service of its own that keeps the list of the servers, the view: the one with the lowest number is the head. All counting begins at 0. A box says how many updates a server has received and executed, and how many are stable: executed by all, as far as it knows. Its lease is the time for which it may still act as head or tail. In the list of events, s0#1 is the server program on s0, the first that was started.',
        pt: 'O ZooKeeper é um serviço à parte que guarda a lista dos servidores, a vista: o que tem o número mais baixo é a cabeça. Todas as contagens começam em 0. Uma caixa diz quantas atualizações um servidor recebeu e executou, e quantas são estáveis: executadas por todos, tanto quanto sabe. A sua concessão é o tempo durante o qual ainda pode agir como cabeça ou cauda. Na lista dos acontecimentos, s0#1 é o programa servidor em s0, o primeiro que arrancou.',
      },
      until: { is: 'quiet' },
      highlight: ['zk', 's0', 's1', 's2'],
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
        en: 'The head gives the write its name, 0:2: epoch 0, which is the time of the head with number 0, and number 2. From now on the write is ASSIGNED: it has its place in the order. Before it came 0:0, which began the client session, the numbering by which a client’s repeats are recognized, and 0:1, the put of "old". The head executes the write, and only then forwards it to s1 in a message, UPDATES.',
        pt: 'A cabeça dá à escrita o seu nome, 0:2: época 0, que é o tempo da cabeça com o número 0, e número 2. A partir de agora a escrita está ASSIGNED: tem o seu lugar na ordem. Antes dela vieram 0:0, que iniciou a sessão de cliente, a numeração pela qual se reconhecem as repetições de um cliente, e 0:1, o put de "old". A cabeça executa a escrita, e só depois a encaminha para s1 numa mensagem, UPDATES.',
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
          en: 'The tail has executed the write, so every server of the chain has: the write is COMMITTED. The client is not answered COMMITTED yet: the ACK is on its way back to the head.',
          pt: 'A cauda executou a escrita, e por isso todos os servidores da cadeia a executaram: a escrita está COMMITTED. O cliente ainda não recebeu a resposta COMMITTED: o ACK está a caminho da cabeça.',
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
