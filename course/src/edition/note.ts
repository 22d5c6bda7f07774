/** What the hand-out of an edition says of it, below its heading. */
import type { Edition } from './choose.ts';
import { hashVector } from './half-sip-hash.ts';

const vectorLengths = [0, 4, 8];

interface Words {
  readonly edition: (name: string) => string;
  readonly order: (byteOrder: string) => string;
  readonly hash: (name: string, vectors: string) => string;
  readonly fields: string;
  readonly opcodes: string;
}

const english: Words = {
  edition: (name) =>
    `**Edition ${name}.** Names, numbers and formats are those of this edition: code of another one fails. Where the text mentions the bytes of the original programs, the test vectors have this edition's.`,
  order: (byteOrder) => `The integers of the byte format are ${byteOrder}.`,
  hash: (name, vectors) =>
    `The hash is ${name}, with one round for each word. Of the bytes 0, 1, 2 ... under the key 00 01 ... 07: ${vectors}.`,
  fields: 'Numbers of the fields of a message',
  opcodes: 'Opcodes, which differ from those of other editions, stand in `src/wire/operations.ts`.',
};

const portuguese: Words = {
  edition: (name) =>
    `**Edição ${name}.** Os nomes, os números e os formatos são os desta edição: código de outra edição falha. Onde o texto refere os bytes dos programas originais, os vetores de teste têm os desta edição.`,
  order: (byteOrder) => `Os inteiros do formato são ${byteOrder}.`,
  hash: (name, vectors) =>
    `A função de dispersão é ${name}, com uma ronda por palavra. Dos bytes 0, 1, 2 ... com a chave 00 01 ... 07: ${vectors}.`,
  fields: 'Números dos campos de uma mensagem',
  opcodes: 'Os códigos das operações, diferentes dos de outras edições, estão em `src/wire/operations.ts`.',
};

/** The text of a part's hand-out with the note. */
export function withNote(text: string, file: string, part: number, edition: Edition): string {
  const words = file.endsWith('.pt.md') ? portuguese : english;
  const end = text.indexOf('\n');
  const lines = [words.edition(edition.name), ...factsOf(part, edition, words)];
  return `${text.slice(0, end)}\n\n${lines.map((line) => `> ${line}`).join('\n>\n')}\n${text.slice(end)}`;
}

function factsOf(part: number, { byteOrder, finalRounds, fields }: Edition, words: Words): string[] {
  if (part === 1) {
    const vectors = vectorLengths
      .map((length) => `${length}: \`${hashVector(length, finalRounds)}\``)
      .join(', ');
    return [words.order(byteOrder), words.hash(`HalfSipHash-1-${finalRounds}`, vectors)];
  }
  if (part > 2) return [];
  const numbers = [...fields].map(([field, number]) => `\`${field}\` ${number}`).join(', ');
  return [`${words.fields}: ${numbers}.`, words.opcodes];
}
