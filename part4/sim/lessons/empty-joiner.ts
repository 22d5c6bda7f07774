import type { Lesson } from './lesson.ts';

export const emptyJoiner: Lesson = {
  name: 'empty-joiner',
  title: {
    en: 'A new server joins',
    pt: 'Um servidor novo entra',
  },
  anchor: 'scenario-1',
  seed: 1,
  servers: 1,
  before: [
    { do: 'put', key: 'a', value: 'one' },
    { do: 'put', key: 'b', value: 'two' },
    { do: 'put', key: 'c', value: 'three' },
  ],
  steps: [
    {
      text: {
        en: 's0 is alone: head and tail at once. It holds three keys.',
        pt: 's0 está só: é cabeça e cauda ao mesmo tempo. Tem três chaves.',
      },
      until: { is: 'server', server: 's0', fact: 'alone' },
      highlight: ['s0'],
    },
    {
      text: {
        en: 'A new, empty server starts. It registers in ZooKeeper, under /chain-joining, and s0, the tail, sends it a snapshot: the table in CHUNKs, and the client sessions. The snapshot holds the effect of 4 updates, so s1 counts from 4: soon its box says received 4 and executed 4, while its table is still empty.',
        pt: 'Um servidor novo e vazio arranca. Regista-se no ZooKeeper, em /chain-joining, e s0, a cauda, envia-lhe uma cópia do estado: a tabela em CHUNKs, e as sessões de cliente. A cópia contém o efeito de 4 atualizações, e por isso s1 conta a partir de 4: em breve a sua caixa diz 4 recebidas e 4 executadas, enquanto a sua tabela ainda está vazia.',
      },
      actions: [{ do: 'join' }, { do: 'slow', server: 's1', factor: 30 }],
      until: { is: 'under-way', from: 's0', to: 's1', type: 'chunk' },
      highlight: ['zk', { from: 's0', to: 's1', type: 'chunk' }],
    },
    {
      text: {
        en: 'A client has a wrong idea of the chain, and asks the new server for the key a.',
        pt: 'Um cliente tem uma ideia errada da cadeia, e pede a chave a ao servidor novo.',
      },
      question: {
        text: { en: 'What does s1 answer?', pt: 'O que responde s1?' },
        choices: [
          {
            text: {
              en: 'That there is no such key: its table is empty.',
              pt: 'Que não há tal chave: a sua tabela está vazia.',
            },
            holds: { is: 'answer', call: 'early', text: 'no such key' },
          },
          {
            text: { en: '"one": it asks s0 for it.', pt: '"one": pede-o a s0.' },
            holds: { is: 'answer', call: 'early', text: 'value one' },
          },
          {
            text: { en: 'NOT_READY.', pt: 'NOT_READY.' },
            holds: { is: 'answer', call: 'early', text: 'NOT_READY' },
          },
        ],
        reason: {
          en: 'A joining server is no member of the chain and serves no clients. With an empty table, "no such key" would be a wrong answer: the key is there.',
          pt: 'Um servidor que está a entrar não é membro da cadeia e não serve clientes. Com a tabela vazia, "não há tal chave" seria uma resposta errada: a chave existe.',
        },
      },
      actions: [{ do: 'get', key: 'a', server: 's1', as: 'early' }],
      until: { is: 'answered', call: 'early' },
      highlight: ['s1', 'you'],
    },
    {
      text: {
        en: 'When s1 has caught up, the tail sends INVITE, and s1 moves to /chain in one transaction. Now ZooKeeper lists two servers.',
        pt: 'Quando s1 já apanhou o atraso, a cauda envia INVITE, e s1 passa para /chain numa só transação. Agora o ZooKeeper tem dois servidores na lista.',
      },
      until: { is: 'in-chain', servers: 2 },
      highlight: ['zk', 's1'],
    },
    {
      text: {
        en: 's0 stops answering reads and sends HANDOVER: up to which update it may have answered. When s1 has executed all of these, it is the tail, and answers.',
        pt: 's0 deixa de responder às leituras e envia HANDOVER: até que atualização pode ter respondido. Quando s1 tiver executado todas essas, é a cauda, e responde.',
      },
      until: {
        is: 'all',
        of: [
          { is: 'server', server: 's1', fact: 'tail' },
          { is: 'server', server: 's1', fact: 'serving-reads' },
          { is: 'server', server: 's0', fact: 'head' },
        ],
      },
      highlight: ['s0', 's1'],
    },
    {
      text: {
        en: 'The same question to s1 gets the right answer now.',
        pt: 'A mesma pergunta a s1 tem agora a resposta certa.',
      },
      actions: [{ do: 'get', key: 'a', server: 's1', as: 'late' }],
      until: { is: 'answer', call: 'late', text: 'value one' },
      highlight: ['s1', 'you'],
    },
  ],
};
