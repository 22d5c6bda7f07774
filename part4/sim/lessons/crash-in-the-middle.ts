import type { Lesson } from './lesson.ts';

export const crashInTheMiddle: Lesson = {
  name: 'crash-in-the-middle',
  title: { en: 'A crash in the middle', pt: 'Uma falha no meio' },
  anchor: 'scenario-4',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 'A client puts "two". The head has executed it and sent it to s1, which has executed it as well and now forwards it.',
        pt: 'Um cliente faz put de "two". A cabeça executou-o e enviou-o a s1, que também o executou e agora o encaminha.',
      },
      actions: [{ do: 'put', key: 'a', value: 'two', as: 'write' }],
      until: { is: 'under-way', from: 's1', to: 's2', type: 'updates' },
      highlight: ['s1', { from: 's1', to: 's2', type: 'updates' }],
    },
    {
      text: {
        en: 'At this moment s1 crashes, and its last message is lost with it. The tail does not have the write, and the client has no answer.',
        pt: 'Neste momento s1 falha, e a sua última mensagem perde-se. A cauda não tem a escrita, e o cliente não tem resposta.',
      },
      actions: [
        { do: 'drop', message: { from: 's1', to: 's2', type: 'updates' } },
        { do: 'kill', server: 's1' },
      ],
      until: { is: 'passed', ms: 300 },
      highlight: ['s1', 's2'],
    },
    {
      text: {
        en: 'Each server has a session with ZooKeeper, which lasts as long as its heartbeats arrive. ZooKeeper will end the session of s1, and in the next view the chain will be s0, s2.',
        pt: 'Cada servidor tem uma sessão com o ZooKeeper, que dura enquanto os seus sinais de vida chegarem. O ZooKeeper vai terminar a sessão de s1, e na vista seguinte a cadeia vai ser s0, s2.',
      },
      question: {
        text: { en: 'What becomes of the write?', pt: 'O que acontece à escrita?' },
        choices: [
          {
            text: {
              en: 'It is lost: s1 was the only one that could forward it.',
              pt: 'Perde-se: só s1 o podia encaminhar.',
            },
            holds: {
              is: 'any',
              of: [
                { is: 'answer', call: 'write', text: 'LOST' },
                { is: 'puts', server: 's2', values: ['one'] },
              ],
            },
          },
          {
            text: {
              en: 'The head sends it to s2 again, and it is COMMITTED under its first name, 0:2.',
              pt: 'A cabeça volta a enviá-la a s2, e fica COMMITTED com o seu primeiro nome, 0:2.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'answer', call: 'write', text: 'COMMITTED as 0:2' },
                { is: 'puts', server: 's2', values: ['one', 'two'] },
              ],
            },
          },
          {
            text: {
              en: 'The client has to repeat it, and the head executes it a second time.',
              pt: 'O cliente tem de a repetir, e a cabeça executa-a uma segunda vez.',
            },
            holds: { is: 'puts', server: 's0', values: ['one', 'two', 'two'] },
          },
        ],
        reason: {
          en: 'The head keeps an update in its log until an ACK says that the tail has executed it. It dials its new successor and says HELLO. s2 answers WELCOME with the number that it expects next, and the head sends everything from there.',
          pt: 'A cabeça guarda uma atualização no seu diário até um ACK dizer que a cauda a executou. Liga-se ao seu novo sucessor e diz HELLO. s2 responde WELCOME com o número que espera a seguir, e a cabeça envia tudo a partir daí.',
        },
      },
      until: { is: 'answered', call: 'write' },
      highlight: ['zk', 's0', 's2', { from: 's0', to: 's2', type: 'hello' }],
    },
    {
      text: {
        en: 'Both servers have each write once. s1 is started again, empty, and joins as the tail.',
        pt: 'Ambos os servidores têm cada escrita uma vez. s1 arranca de novo, vazio, e entra como cauda.',
      },
      actions: [{ do: 'restart', server: 's1' }],
      until: {
        is: 'all',
        of: [
          { is: 'quiet' },
          { is: 'server', server: 's1', fact: 'tail' },
          { is: 'puts', server: 's1', values: ['one', 'two'] },
        ],
      },
      limitMs: 10_000,
      highlight: ['s1', 'zk'],
    },
  ],
};
