import type { Lesson } from './lesson.ts';

export const mistakeRepeatedWrite: Lesson = {
  name: 'mistake-repeated-write',
  title: {
    en: 'A mistake: a repeated write is taken for harmless',
    pt: 'Um erro: tomar uma escrita repetida por inofensiva',
  },
  anchor: 'what-the-original-gets-wrong',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'zero' }],
  steps: [
    {
      text: {
        en: 'The mistake of this lesson is one of the client; the servers are right. ana uses a client of the original format, without a client session: her requests have no numbers. She puts "one". All servers have executed it, and the answer is on its way.',
        pt: 'O erro desta lição é do cliente; os servidores estão certos. ana usa um cliente do formato original, sem sessão de cliente: os seus pedidos não têm números. Faz put de "one". Todos os servidores o executaram, e a resposta vai a caminho.',
      },
      actions: [{ do: 'put', key: 'a', value: 'one', server: 's0', client: 'ana', as: 'first' }],
      until: { is: 'under-way', from: 's0', to: 'ana', type: 'reply' },
      highlight: ['ana', { from: 's0', to: 'ana', type: 'reply' }],
    },
    {
      text: {
        en: 'The answer is lost, and her connection breaks. She does not know whether her write has happened. Without a session she can only read the key and decide for herself, or ask again and risk that the write happens twice.',
        pt: 'A resposta perde-se, e a sua ligação quebra-se. Ela não sabe se a sua escrita aconteceu. Sem sessão só pode ler a chave e decidir por si, ou repetir o pedido e arriscar que a escrita aconteça duas vezes.',
      },
      actions: [{ do: 'drop', message: { from: 's0', to: 'ana', type: 'reply' } }],
      until: { is: 'answer', call: 'first', text: 'UNREACHABLE' },
      highlight: ['ana', 's0'],
    },
    {
      text: {
        en: 'Meanwhile another client puts "two" under the same key, and gets COMMITTED.',
        pt: 'Entretanto outro cliente faz put de "two" na mesma chave, e recebe COMMITTED.',
      },
      actions: [{ do: 'put', key: 'a', value: 'two', as: 'two' }],
      until: { is: 'answer', call: 'two', text: 'COMMITTED' },
      highlight: ['you', 's0'],
    },
    {
      text: {
        en: 'ana sends her put of "one" again: a put of the same value seems harmless.',
        pt: 'ana volta a enviar o seu put de "one": um put do mesmo valor parece inofensivo.',
      },
      question: {
        text: { en: 'Which value does the key have then?', pt: 'Que valor tem então a chave?' },
        choices: [
          {
            text: {
              en: '"one": the other client’s write is undone.',
              pt: '"one": a escrita do outro cliente é desfeita.',
            },
            holds: {
              is: 'all',
              of: [
                { is: 'entry', server: 's2', key: 'a', value: 'one' },
                { is: 'puts', server: 's2', values: ['zero', 'one', 'two', 'one'] },
              ],
            },
          },
          {
            text: {
              en: '"two": the servers see that the put is a repeat.',
              pt: '"two": os servidores veem que o put é uma repetição.',
            },
            holds: { is: 'entry', server: 's2', key: 'a', value: 'two' },
          },
          {
            text: {
              en: '"two": the repeat is refused as LOST.',
              pt: '"two": a repetição é recusada com LOST.',
            },
            holds: { is: 'answer', call: 'again', text: 'LOST' },
          },
        ],
        reason: {
          en: 'put(a, "one"), put(a, "two"), and put(a, "one") again lose the "two". A write without a client session is executed each time it arrives: nothing shows that it is a repeat.',
          pt: 'put(a, "one"), put(a, "two"), e de novo put(a, "one") perdem o "two". Uma escrita sem sessão de cliente é executada de cada vez que chega: nada mostra que é uma repetição.',
        },
      },
      actions: [{ do: 'put', key: 'a', value: 'one', server: 's0', client: 'ana', as: 'again' }],
      until: { is: 'answered', call: 'again' },
      highlight: ['ana', 's0', 's2'],
    },
    {
      text: {
        en: 'Now the same with a client session. The client puts "three". The request has a number in this session, and is on its way.',
        pt: 'Agora o mesmo com uma sessão de cliente. O cliente faz put de "three". O pedido tem um número nesta sessão, e vai a caminho.',
      },
      actions: [{ do: 'put', key: 'a', value: 'three', as: 'three' }],
      until: { is: 'under-way', from: 'you', to: 's0', type: 'put' },
      highlight: ['you', { from: 'you', to: 's0', type: 'put' }],
    },
    {
      text: {
        en: 'It arrives, and the connection breaks at once: the client cannot know that it has arrived. So it repeats the request over the next connection, with the same number. The head gives it the name of the first attempt, and executes nothing again.',
        pt: 'Chega, e a ligação quebra-se logo: o cliente não pode saber que chegou. Por isso repete o pedido pela ligação seguinte, com o mesmo número. A cabeça dá-lhe o nome da primeira tentativa, e não executa nada de novo.',
      },
      actions: [{ do: 'duplicate', message: { from: 'you', to: 's0', type: 'put' } }],
      until: {
        is: 'all',
        of: [
          { is: 'answer', call: 'three', text: 'COMMITTED' },
          { is: 'puts', server: 's2', values: ['zero', 'one', 'two', 'one', 'three'] },
        ],
      },
      highlight: ['you', 's0'],
    },
  ],
};
