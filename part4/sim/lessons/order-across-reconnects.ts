import type { Lesson } from './lesson.ts';

export const orderAcrossReconnects: Lesson = {
  name: 'order-across-reconnects',
  title: {
    en: 'A link breaks',
    pt: 'Uma ligação quebra-se',
  },
  anchor: 'scenario-10',
  seed: 1,
  servers: 3,
  before: [{ do: 'put', key: 'a', value: 'zero' }],
  steps: [
    {
      text: {
        en: 'A client puts "one", and its UPDATES are on the way from the head to s1.',
        pt: 'Um cliente faz put de "one", e as suas UPDATES vão da cabeça para s1.',
      },
      actions: [{ do: 'put', key: 'a', value: 'one', as: 'one' }],
      until: { is: 'under-way', from: 's0', to: 's1', type: 'updates' },
      highlight: [{ from: 's0', to: 's1', type: 'updates' }],
    },
    {
      text: {
        en: 'This message is lost. A connection is an ordered stream of bytes, which cannot leave one out: it breaks, and the head finds that out.',
        pt: 'Esta mensagem perde-se. Uma ligação é uma sequência ordenada de bytes, que não pode saltar nenhum: quebra-se, e a cabeça dá por isso.',
      },
      actions: [{ do: 'drop', message: { from: 's0', to: 's1', type: 'updates' } }],
      until: { is: 'handled', server: 's0', event: 'link-down', times: 1 },
      highlight: ['s0', { from: 's0', to: 's1', type: 'updates' }],
    },
    {
      text: {
        en: 'Before the head dials again, 50 ms later, the client puts "two" and "three".',
        pt: 'Antes de a cabeça voltar a ligar, 50 ms depois, o cliente faz put de "two" e de "three".',
      },
      question: {
        text: {
          en: 'What has the tail executed when all three puts are COMMITTED?',
          pt: 'O que executou a cauda quando os três puts estão COMMITTED?',
        },
        choices: [
          {
            text: {
              en: '"two", "three", and then "one", which is sent again.',
              pt: '"two", "three", e depois "one", que é enviado de novo.',
            },
            holds: { is: 'puts', server: 's2', values: ['zero', 'two', 'three', 'one'] },
          },
          {
            text: {
              en: '"one", "two" and "three", in this order.',
              pt: '"one", "two" e "three", por esta ordem.',
            },
            holds: { is: 'puts', server: 's2', values: ['zero', 'one', 'two', 'three'] },
          },
          {
            text: {
              en: '"one" twice: s1 may have received it before the break.',
              pt: '"one" duas vezes: s1 pode tê-lo recebido antes da quebra.',
            },
            holds: { is: 'puts', server: 's2', values: ['zero', 'one', 'one', 'two', 'three'] },
          },
        ],
        reason: {
          en: 'On the new link s1 says in WELCOME which number it expects next, and the head sends everything from there. A server executes the writes in the order of their numbers, each once: what it has already is dropped, and a gap breaks the link.',
          pt: 'Na nova ligação s1 diz em WELCOME que número espera a seguir, e a cabeça envia tudo a partir daí. Um servidor executa as escritas pela ordem dos seus números, cada uma uma vez: o que já tem é ignorado, e uma falha na sequência quebra a ligação.',
        },
      },
      actions: [
        { do: 'put', key: 'a', value: 'two', as: 'two' },
        { do: 'put', key: 'a', value: 'three', as: 'three' },
      ],
      until: {
        is: 'all',
        of: ['one', 'two', 'three'].map((call) => ({ is: 'answer', call, text: 'COMMITTED' })),
      },
      highlight: ['s0', 's1', 's2'],
    },
    {
      text: {
        en: 'Once more: all servers execute a put of "four", and the ACK is on its way from s1 to the head.',
        pt: 'Outra vez: todos os servidores executam um put de "four", e o ACK vai a caminho de s1 para a cabeça.',
      },
      actions: [{ do: 'put', key: 'a', value: 'four', as: 'four' }],
      until: { is: 'under-way', from: 's1', to: 's0', type: 'ack' },
      highlight: [{ from: 's1', to: 's0', type: 'ack' }],
    },
    {
      text: {
        en: 'The ACK is lost, and the link breaks. On the next one WELCOME says what s1 has received, and up to where the tail has executed everything. So nothing is sent again, and the head answers COMMITTED.',
        pt: 'O ACK perde-se, e a ligação quebra-se. Na seguinte WELCOME diz o que s1 recebeu, e até onde a cauda executou tudo. Por isso nada é enviado de novo, e a cabeça responde COMMITTED.',
      },
      actions: [{ do: 'drop', message: { from: 's1', to: 's0', type: 'ack' } }],
      until: {
        is: 'all',
        of: [
          { is: 'answer', call: 'four', text: 'COMMITTED' },
          { is: 'handled', server: 's0', event: 'link-down', times: 2 },
          { is: 'puts', server: 's2', values: ['zero', 'one', 'two', 'three', 'four'] },
        ],
      },
      highlight: ['s0', 's1'],
    },
  ],
};
