import type { Lesson } from './lesson.ts';
import { bothWays } from './links.ts';

export const pausedTail: Lesson = {
  name: 'paused-tail',
  title: { en: 'An old tail wakes up', pt: 'Uma antiga cauda acorda' },
  anchor: 'scenario-2',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'old' }],
  steps: [
    {
      text: {
        en: 's2, the tail, is paused, like the programs of a laptop that is closed. It does not notice. Its links to ZooKeeper and to s1 are cut, too. Clients can still reach it.',
        pt: 's2, a cauda, fica parada, como os programas de um portátil fechado. Não dá por isso. Também as suas ligações ao ZooKeeper e a s1 são cortadas. Os clientes ainda chegam a ela.',
      },
      actions: [
        { do: 'pause', server: 's2' },
        ...bothWays('cut', 's2', 'zk'),
        ...bothWays('cut', 's1', 's2'),
      ],
      until: { is: 'server', server: 's2', fact: 'paused' },
      highlight: ['s2', { from: 's2', to: 'zk' }, { from: 's1', to: 's2' }],
    },
    {
      text: {
        en: 'A client puts the value "new". The write waits: without the tail there is no ACK.',
        pt: 'Um cliente faz put do valor "new". A escrita espera: sem a cauda não há ACK.',
      },
      actions: [{ do: 'put', key: 'a', value: 'new', as: 'write' }],
      until: {
        is: 'all',
        of: [
          { is: 'passed', ms: 400 },
          { is: 'not', of: { is: 'answered', call: 'write' } },
        ],
      },
      highlight: ['s0', 's1', 's2'],
    },
    {
      text: {
        en: 'ZooKeeper has heard nothing from s2 for longer than its session lasts, and removes its entry. In the new view s1 is the tail. All that a new tail has executed is COMMITTED at once, for no server of the chain comes after it: so the head gets an ACK for "new", and answers.',
        pt: 'O ZooKeeper não ouve nada de s2 há mais tempo do que dura a sua sessão, e remove a sua entrada. Na nova vista s1 é a cauda. Tudo o que uma nova cauda já executou fica logo COMMITTED, porque nenhum servidor da cadeia vem depois dela: por isso a cabeça recebe um ACK de "new", e responde.',
      },
      until: {
        is: 'all',
        of: [
          { is: 'in-chain', servers: 2 },
          { is: 'answer', call: 'write', text: 'COMMITTED' },
        ],
      },
      highlight: ['zk', 's1'],
    },
    {
      text: {
        en: 'A client that does not know the new view, ana, sends a read to s2. Then s2 wakes up. Nobody can tell it what has happened: in its memory it is still the tail, and its table has "old".',
        pt: 'Uma cliente que não conhece a nova vista, ana, envia uma leitura a s2. Depois s2 acorda. Ninguém lhe pode dizer o que aconteceu: na sua memória ainda é a cauda, e a sua tabela tem "old".',
      },
      question: {
        text: { en: 'What does s2 answer?', pt: 'O que responde s2?' },
        choices: [
          {
            text: { en: 'NOT_READY: its lease is over.', pt: 'NOT_READY: a sua concessão acabou.' },
            holds: { is: 'answer', call: 'read', text: 'NOT_READY' },
          },
          {
            text: { en: '"old": it does not know better.', pt: '"old": não sabe mais do que isso.' },
            holds: { is: 'answer', call: 'read', text: 'value old' },
          },
          {
            text: { en: '"new": it asks s1 first.', pt: '"new": pergunta primeiro a s1.' },
            holds: { is: 'answer', call: 'read', text: 'value new' },
          },
        ],
        reason: {
          en: 's2 has "old" and takes itself for the tail, and yet it refuses. Before each answer a server looks at the clock. Its lease counts from the last heartbeat that ZooKeeper confirmed, and ends before the session can. So a server that was replaced without knowing it gives no old values.',
          pt: 's2 tem "old" e julga-se a cauda, e no entanto recusa. Antes de cada resposta um servidor olha para o relógio. A sua concessão conta desde o último sinal de vida que o ZooKeeper confirmou, e acaba antes de a sessão poder acabar. Assim, um servidor que foi substituído sem o saber não dá valores antigos.',
        },
      },
      actions: [
        { do: 'get', key: 'a', server: 's2', client: 'ana', as: 'read' },
        { do: 'resume', server: 's2' },
      ],
      until: {
        is: 'all',
        of: [
          { is: 'answered', call: 'read' },
          // What the lesson is about: it would have answered with the old value.
          { is: 'server', server: 's2', fact: 'tail' },
          { is: 'entry', server: 's2', key: 'a', value: 'old' },
        ],
      },
      highlight: ['s2', 'ana'],
    },
    {
      text: {
        en: 'A client that follows the chain asks s1, the present tail.',
        pt: 'Um cliente que segue a cadeia pergunta a s1, a cauda atual.',
      },
      actions: [{ do: 'get', key: 'a', as: 'later' }],
      until: { is: 'answer', call: 'later', text: 'value new' },
      highlight: ['s1', 'you'],
    },
    {
      text: {
        en: 'The links of s2 work again. It learns that its session is over, opens a new one, joins, and becomes the tail again, with all writes.',
        pt: 'As ligações de s2 voltam a funcionar. Fica a saber que a sua sessão acabou, abre uma nova, entra de novo, e volta a ser a cauda, com todas as escritas.',
      },
      actions: [...bothWays('heal', 's2', 'zk'), ...bothWays('heal', 's1', 's2')],
      until: {
        is: 'all',
        of: [
          { is: 'quiet' },
          { is: 'server', server: 's2', fact: 'tail' },
          { is: 'entry', server: 's2', key: 'a', value: 'new' },
        ],
      },
      limitMs: 10_000,
      highlight: ['zk', 's2'],
    },
  ],
};
