import type { Language } from '../view.ts';
import { inLanguage } from './in-language.ts';

/** What the panels say with which a person looks for keys, asks the chain, and does something to its servers. */
interface Words {
  readonly keys: string;
  readonly beginWith: string;
  readonly contain: string;
  readonly search: string;
  readonly page: (page: number, keys: string, looked: string, isLast: boolean) => string;
  readonly keysFound: string;
  readonly emptyKey: string;
  readonly pageBefore: string;
  readonly nextPage: string;
  readonly otherTail: string;
  readonly console: string;
  readonly needsToken: string;
  readonly commands: string;
  readonly command: string;
  readonly run: string;
  readonly answers: string;
  readonly controls: string;
  readonly doSomething: string;
  readonly serverIs: (address: string) => string;
  readonly chooseInDrawing: string;
  readonly actions: Readonly<Record<'kill' | 'pause' | 'resume' | 'stop', string>>;
  readonly addServer: string;
  readonly load: string;
  readonly perSecond: (rate: number) => string;
}

const texts: Readonly<Record<Language, Words>> = {
  en: {
    keys: 'Keys',
    beginWith: 'begin with',
    contain: 'contain',
    search: 'Search',
    page: (page, keys, looked, isLast) =>
      `Page ${page}: ${keys} ${keys === '1' ? 'key' : 'keys'} of ${looked} looked at${isLast ? '; there are no more' : ''}`,
    keysFound: 'Keys found',
    emptyKey: '(the empty key)',
    pageBefore: 'Page before',
    nextPage: 'Next page',
    otherTail: 'Another server is the tail now: search again.',
    console: 'Console',
    needsToken:
      'To put, get, del and verify, open the page by the address that table-dashboard has printed: it has a token.',
    commands: 'put KEY VALUE, get KEY, del KEY or verify NAME',
    command: 'Command',
    run: 'Run',
    answers: 'Answers, the last first',
    controls: 'Controls',
    doSomething: 'Do something to the chain',
    serverIs: (address) => `Server ${address}:`,
    chooseInDrawing: 'Choose a server in the drawing:',
    actions: { kill: 'kill', pause: 'pause', resume: 'resume', stop: 'stop' },
    addServer: 'Add a server',
    load: 'Load',
    perSecond: (rate) => `${rate} operations a second`,
  },
  pt: {
    keys: 'Chaves',
    beginWith: 'começam por',
    contain: 'contêm',
    search: 'Procurar',
    page: (page, keys, looked, isLast) =>
      `Página ${page}: ${keys} ${keys === '1' ? 'chave' : 'chaves'}, de ${looked} examinadas${isLast ? '; não há mais' : ''}`,
    keysFound: 'Chaves encontradas',
    emptyKey: '(a chave vazia)',
    pageBefore: 'Página anterior',
    nextPage: 'Página seguinte',
    otherTail: 'A cauda é agora outro servidor: procure de novo.',
    console: 'Consola',
    needsToken:
      'Para fazer put, get, del e verify, abra a página pelo endereço que table-dashboard escreveu: contém um token.',
    commands: 'put CHAVE VALOR, get CHAVE, del CHAVE ou verify NOME',
    command: 'Comando',
    run: 'Executar',
    answers: 'Respostas, a última primeiro',
    controls: 'Comandos',
    doSomething: 'Faça alguma coisa à cadeia',
    serverIs: (address) => `Servidor ${address}:`,
    chooseInDrawing: 'Escolha um servidor no desenho:',
    actions: { kill: 'matar', pause: 'parar', resume: 'retomar', stop: 'encerrar' },
    addServer: 'Acrescentar um servidor',
    load: 'Carga',
    perSecond: (rate) => `${rate} operações por segundo`,
  },
};

export const toolWord = inLanguage(texts);
