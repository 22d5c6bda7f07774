import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What the list of branches says. */
interface Words {
  readonly title: string;
  readonly hint: string;
  readonly seed: (seed: number) => string;
  readonly servers: (count: number) => string;
  readonly edits: (count: number) => string;
  readonly without: (deed: string) => string;
  readonly more: (count: number) => string;
  readonly from: (parent: string) => string;
  readonly atEvent: (step: number) => string;
  readonly atMs: (ms: number) => string;
  readonly rename: string;
  readonly renameOne: (name: string) => string;
  readonly newName: string;
  readonly save: string;
  readonly cancel: string;
  readonly remove: string;
  readonly removeOne: (name: string) => string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    title: 'Branches',
    hint: 'Each course is kept. Go to any event and do something else there: that is another branch, and this one stays.',
    seed: (seed) => `seed ${seed}`,
    servers: (count) => `${count === 1 ? 'one server' : `${count} servers`}, no faults`,
    edits: (count) => (count === 1 ? 'one edit' : `${count} edits`),
    without: (deed) => `without ${deed}`,
    more: (count) => `and ${count} more`,
    from: (parent) => `from “${parent}”`,
    atEvent: (step) => `at event ${step}`,
    atMs: (ms) => `at ${ms} ms`,
    rename: 'Rename',
    renameOne: (name) => `Rename “${name}”`,
    newName: 'Name',
    save: 'Save',
    cancel: 'Cancel',
    remove: 'Delete',
    removeOne: (name) => `Delete “${name}”`,
  },
  pt: {
    title: 'Ramos',
    hint: 'Cada percurso fica guardado. Vá a qualquer evento e faça aí outra coisa: isso é outro ramo, e este mantém-se.',
    seed: (seed) => `semente ${seed}`,
    servers: (count) => `${count === 1 ? 'um servidor' : `${count} servidores`}, sem falhas`,
    edits: (count) => (count === 1 ? 'uma edição' : `${count} edições`),
    without: (deed) => `sem ${deed}`,
    more: (count) => `e mais ${count}`,
    from: (parent) => `a partir de “${parent}”`,
    atEvent: (step) => `no evento ${step}`,
    atMs: (ms) => `aos ${ms} ms`,
    rename: 'Mudar o nome',
    renameOne: (name) => `Mudar o nome de “${name}”`,
    newName: 'Nome',
    save: 'Guardar',
    cancel: 'Cancelar',
    remove: 'Apagar',
    removeOne: (name) => `Apagar “${name}”`,
  },
};

export const branchWord = inLanguage(texts);
