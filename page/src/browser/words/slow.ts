import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What the forms say that slow something down, and those for the end of a server's membership and of ZooKeeper's data. */
interface Words {
  readonly server: string;
  readonly from: string;
  readonly to: string;
  readonly times: string;
  readonly usual: string;
  readonly factor: (factor: number) => string;
  readonly slowTable: string;
  readonly slowLink: string;
  readonly leave: string;
  readonly wipe: string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    server: 'Table of',
    from: 'Link from',
    to: 'to',
    times: 'takes',
    usual: 'the usual time',
    factor: (factor) => `${factor} times as long`,
    slowTable: 'Set table',
    slowLink: 'Set link',
    leave: 'Let server leave',
    wipe: 'Wipe',
  },
  pt: {
    server: 'Tabela de',
    from: 'Caminho de',
    to: 'para',
    times: 'demora',
    usual: 'o tempo habitual',
    factor: (factor) => `${factor} vezes mais`,
    slowTable: 'Aplicar à tabela',
    slowLink: 'Aplicar ao caminho',
    leave: 'Fazer sair o servidor',
    wipe: 'Apagar os dados',
  },
};

export const slowWord = inLanguage(texts);
