import type { Condition } from './condition.ts';
import type { Lesson } from './lesson.ts';

const headServes: Condition = { is: 'server', server: 's0', fact: 'taking-writes' };
const tailServes: Condition = { is: 'server', server: 's1', fact: 'serving-reads' };
const nobodyServes: Condition = {
  is: 'not',
  of: { is: 'any', of: [headServes, tailServes] },
};

export const withoutZooKeeper: Lesson = {
  name: 'without-zookeeper',
  title: { en: 'ZooKeeper is lost', pt: 'O ZooKeeper perde-se' },
  anchor: 'scenario-8',
  seed: 1,
  servers: 2,
  before: [{ do: 'put', key: 'a', value: 'one' }],
  steps: [
    {
      text: {
        en: 'Two servers serve. Each has a lease: the time for which it may act as head or tail since ZooKeeper has confirmed its last heartbeat. A session lasts a second here, and a lease three quarters of it.',
        pt: 'Dois servidores prestam serviço. Cada um tem uma concessão: o tempo durante o qual pode agir como cabeça ou cauda desde o último sinal de vida que o ZooKeeper confirmou. Aqui uma sessão dura um segundo, e uma concessão três quartos disso.',
      },
      until: { is: 'all', of: [headServes, tailServes] },
      highlight: ['zk', 's0', 's1'],
    },
    {
      text: {
        en: 'ZooKeeper stops. The servers can still reach each other, and both tables are complete.',
        pt: 'O ZooKeeper para. Os servidores ainda se conseguem ligar um ao outro, e ambas as tabelas estão completas.',
      },
      question: {
        text: {
          en: 'What do the servers do a second later?',
          pt: 'O que fazem os servidores um segundo depois?',
        },
        choices: [
          {
            text: {
              en: 'They go on as before: the chain needs ZooKeeper only for changes.',
              pt: 'Continuam como antes: a cadeia só precisa do ZooKeeper para mudanças.',
            },
            holds: { is: 'all', of: [headServes, tailServes] },
          },
          {
            text: {
              en: 'The tail answers reads, and the head takes no writes.',
              pt: 'A cauda responde às leituras, e a cabeça não aceita escritas.',
            },
            holds: { is: 'all', of: [{ is: 'not', of: headServes }, tailServes] },
          },
          {
            text: { en: 'Both refuse everything.', pt: 'Ambos recusam tudo.' },
            holds: nobodyServes,
          },
        ],
        reason: {
          en: 'Their leases are over. A server that cannot reach ZooKeeper cannot know whether the others can, and have gone on without it. So it stops in time, before its session can end.',
          pt: 'As suas concessões acabaram. Um servidor que não chega ao ZooKeeper não pode saber se os outros chegam, e continuaram sem ele. Por isso para a tempo, antes de a sua sessão poder acabar.',
        },
      },
      actions: [{ do: 'stop-zookeeper' }],
      until: { is: 'passed', ms: 1_000 },
      highlight: ['zk', 's0', 's1'],
    },
    {
      text: {
        en: 'A client puts "two", and another, ana, asks the tail directly. The read is refused with NOT_READY, and the put waits: the client repeats it until its deadline.',
        pt: 'Um cliente faz put de "two", e outra, ana, pergunta diretamente à cauda. A leitura é recusada com NOT_READY, e o put espera: o cliente repete-o até ao seu prazo.',
      },
      actions: [
        { do: 'put', key: 'a', value: 'two', as: 'write' },
        { do: 'get', key: 'a', server: 's1', client: 'ana', as: 'read' },
      ],
      until: {
        is: 'all',
        of: [
          { is: 'answer', call: 'read', text: 'NOT_READY' },
          { is: 'passed', ms: 500 },
          { is: 'not', of: { is: 'answered', call: 'write' } },
        ],
      },
      highlight: ['s0', 's1', 'you', 'ana'],
    },
    {
      text: {
        en: 'ZooKeeper is back, with its data. It counts the time of a session only while it runs, so the servers still have theirs. Their heartbeats are confirmed again, both have a lease, and the service resumes by itself: the put is COMMITTED.',
        pt: 'O ZooKeeper volta, com os seus dados. Só conta o tempo de uma sessão enquanto funciona, e por isso os servidores ainda têm as suas. Os seus sinais de vida são de novo confirmados, ambos têm uma concessão, e o serviço recomeça por si: o put fica COMMITTED.',
      },
      actions: [{ do: 'start-zookeeper' }],
      until: {
        is: 'all',
        of: [
          { is: 'answer', call: 'write', text: 'COMMITTED' },
          { is: 'puts', server: 's1', values: ['one', 'two'] },
          headServes,
          tailServes,
        ],
      },
      limitMs: 10_000,
      highlight: ['zk', 's0', 's1'],
    },
  ],
};
