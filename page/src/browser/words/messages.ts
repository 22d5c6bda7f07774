import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What a message that is open says, and what can be done to it. */
interface Words {
  readonly message: (names: string) => string;
  readonly close: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly number: string;
  readonly sentAt: string;
  readonly arrivesAt: string;
  readonly lostAt: string;
  readonly isUnderWay: string;
  readonly isNotYetSent: string;
  readonly hasArrived: string;
  readonly isLost: string;
  readonly end: string;
  readonly stream: string;
  readonly deliver: string;
  readonly delivers: string;
  readonly delay: string;
  readonly delayMs: string;
  readonly delays: string;
  readonly drop: string;
  readonly drops: string;
  readonly duplicate: string;
  readonly duplicates: string;
  readonly drag: string;
  readonly dragDeliver: string;
  readonly dragDrop: string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    message: (names) => `Message ${names}`,
    close: 'Close',
    kind: 'kind of message',
    from: 'from',
    to: 'to',
    number: 'number in the run',
    sentAt: 'sent at',
    arrivesAt: 'arrives at',
    lostAt: 'lost at',
    isUnderWay: 'It is on its way.',
    isNotYetSent: 'It is not on its way yet.',
    hasArrived: 'It is not on its way any more: it has arrived.',
    isLost: 'It is not on its way any more: it was lost.',
    end: 'The other side learns by it that the connection has ended. Nothing can be done to it.',
    stream:
      'It travels on an ordered stream of bytes, as over TCP: no message overtakes another of the same connection, and none is lost while the connection lasts.',
    deliver: 'Deliver now',
    delivers: 'It arrives now, after those that were sent before it over the same connection.',
    delay: 'Delay',
    delayMs: 'by (ms)',
    delays:
      'It arrives so much later than now at the earliest, and so does everything that was sent after it over the connection.',
    drop: 'Drop',
    drops:
      'It never arrives. A stream cannot go on without it: the connection breaks from here, and what was sent later over it is lost, too.',
    duplicate: 'Deliver and resend',
    duplicates:
      'TCP delivers nothing twice. So it arrives now, and the connection breaks before the sender can know it: what the protocol has to send again comes over the next connection.',
    drag: 'In the drawing: drag it onto its receiver to deliver it now, or off its way to drop it.',
    dragDeliver: 'deliver now',
    dragDrop: 'drop',
  },
  pt: {
    message: (names) => `Mensagem ${names}`,
    close: 'Fechar',
    kind: 'tipo de mensagem',
    from: 'de',
    to: 'para',
    number: 'número na execução',
    sentAt: 'enviada aos',
    arrivesAt: 'chega aos',
    lostAt: 'perdida aos',
    isUnderWay: 'Está a caminho.',
    isNotYetSent: 'Ainda não está a caminho.',
    hasArrived: 'Já não está a caminho: chegou.',
    isLost: 'Já não está a caminho: perdeu-se.',
    end: 'Com ela, o outro lado fica a saber que a ligação terminou. Nada se lhe pode fazer.',
    stream:
      'Viaja numa sequência ordenada de bytes, como em TCP: nenhuma mensagem ultrapassa outra da mesma ligação, e nenhuma se perde enquanto a ligação dura.',
    deliver: 'Entregar já',
    delivers: 'Chega agora, depois das que foram enviadas antes dela pela mesma ligação.',
    delay: 'Atrasar',
    delayMs: 'em (ms)',
    delays:
      'Chega, o mais cedo, passado esse tempo, e o mesmo vale para tudo o que foi enviado depois dela pela ligação.',
    drop: 'Perder',
    drops:
      'Nunca chega. A sequência não pode continuar sem ela: a ligação quebra a partir daqui, e perde-se também o que foi enviado por ela mais tarde.',
    duplicate: 'Entregar e reenviar',
    duplicates:
      'O TCP não entrega nada duas vezes. Por isso chega agora, e a ligação quebra antes de o emissor o poder saber: o que o protocolo tiver de enviar de novo vem pela ligação seguinte.',
    drag: 'No desenho: arraste-a para o seu destinatário para a entregar já, ou para fora do seu caminho para a perder.',
    dragDeliver: 'entregar já',
    dragDrop: 'perder',
  },
};

export const messageWord = inLanguage(texts);
