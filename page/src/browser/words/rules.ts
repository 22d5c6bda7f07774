import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What a server's pane says of its last step. */
interface Words {
  readonly lastStep: string;
  readonly noStep: string;
  readonly rules: string;
  readonly noRules: string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    lastStep: 'Its last step',
    noStep: 'It has taken no step yet.',
    rules: 'Rules that a step of this kind concerns',
    noRules: 'None of the hand-out’s rules.',
  },
  pt: {
    lastStep: 'O seu último passo',
    noStep: 'Ainda não deu nenhum passo.',
    rules: 'Regras a que um passo deste tipo diz respeito',
    noRules: 'Nenhuma regra do enunciado.',
  },
};

export const ruleWord = inLanguage(texts);
