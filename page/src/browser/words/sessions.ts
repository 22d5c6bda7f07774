import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What is said of ZooKeeper's sessions, and of its servers. */
interface Words {
  readonly session: (host: string, id: string) => string;
  readonly left: (ms: number) => string;
  readonly hold: (hosts: string) => string;
  readonly stalled: (count: number) => string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    session: (host, id) => `session ${id} of ${host}`,
    left: (ms) => `ends in ${ms} ms`,
    hold: (hosts) => (hosts === '' ? 'it holds no session' : `it holds sessions of ${hosts}`),
    stalled: (count) => (count === 1 ? 'one server is stalled' : `${count} servers are stalled`),
  },
  pt: {
    session: (host, id) => `sessão ${id} de ${host}`,
    left: (ms) => `termina dentro de ${ms} ms`,
    hold: (hosts) => (hosts === '' ? 'não tem sessões' : `tem sessões de ${hosts}`),
    stalled: (count) => (count === 1 ? 'um servidor está isolado' : `${count} servidores estão isolados`),
  },
};

export const sessionWord = inLanguage(texts);
