import { UsageError } from '@tablelab/shared/command-line';

/** The languages of the hand-outs. English is the one that teachers edit first and that the tests of the kit quote. */
export const languages = ['en', 'pt'] as const;

export type Language = (typeof languages)[number];

/** @throws UsageError for a value of `--language` that is not one of {@link languages} */
export function languageArgument(text: unknown): Language | undefined {
  if (text === undefined) return undefined;
  const found = languages.find((language) => language === text);
  if (found === undefined) throw new UsageError(`--language is ${languages.join(' or ')}, not "${text}"`);
  return found;
}

/** The text of a part's hand-out in the kit, relative to its root. In a hand-out, each is called `README.md`. */
export function readmeOf(part: number, language: Language): string {
  return `part${part}/README${language === 'en' ? '' : `.${language}`}.md`;
}

/** The file in `docs` that explains the terms of the code, which is in English; it comes with a hand-out in another language. */
export function glossaryOf(language: Language): string | undefined {
  return language === 'en' ? undefined : `glossary.${language}.md`;
}

/** The sections of a hand-out, in their order. */
export const sectionsOf: Readonly<Record<Language, readonly string[]>> = {
  en: ['Aim', 'What is given', 'Steps', 'Rules', 'Hints', 'How it is graded', 'Common mistakes'],
  pt: ['Objetivo', 'O que é dado', 'Etapas', 'Regras', 'Sugestões', 'Como é avaliado', 'Erros frequentes'],
};
