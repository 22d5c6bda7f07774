/**
 * Makes a copy of the kit the kit of an edition. It changes names in all texts, and numbers where the kit states them; each place must be
 * there, so that a change of the kit cannot leave an edition half changed.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSwapped, type MessageNumbers, opcodeOf, renumberedMessage, swappedSizes } from './bytes.ts';
import type { Edition } from './choose.ts';
import { hashVector } from './half-sip-hash.ts';
import { withNote } from './note.ts';

const protoFile = 'shared/proto/sdmessage.proto';
const operationsFile = 'part2/src/wire/operations.ts';
const tagsFile = 'part2/src/wire/tags.ts';

/** @param files those of the copy that may be changed: texts, without packages */
export function transformKit(folder: string, files: readonly string[], edition: Edition): void {
  const kit = new KitTexts(folder);
  renameWords(kit, files, edition);
  const numbers = renumberMessages(kit, edition);
  changeMessageBytes(kit, numbers);
  for (const file of readmesOf(folder, 2)) kit.edit(file, (text) => renumberedExample(text, numbers));
  if (isSwapped(edition)) swapByteOrder(kit, files);
  changeHash(kit, files, edition);
  for (const part of [1, 2, 3, 4]) {
    for (const file of readmesOf(folder, part)) kit.edit(file, (text) => withNote(text, file, part, edition));
  }
  execFileSync(join(folder, 'scripts/generate-proto.sh'), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

class KitTexts {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(file: string): string {
    return readFileSync(join(this.#folder, file), 'utf8');
  }

  /** Returns whether the text has changed. */
  edit(file: string, change: (text: string) => string): boolean {
    const text = this.read(file);
    const changed = change(text);
    if (changed !== text) writeFileSync(join(this.#folder, file), changed);
    return changed !== text;
  }

  /** @throws Error if nothing in the file matches */
  replace(file: string, pattern: RegExp, by: (...match: string[]) => string): void {
    if (this.read(file).search(pattern) === -1)
      throw new Error(`${file}: nothing is like ${pattern}, which an edition changes`);
    this.edit(file, (text) => text.replace(pattern, (...match) => by(...(match as string[]))));
  }
}

function readmesOf(folder: string, part: number): string[] {
  const names = readdirSync(join(folder, `part${part}`));
  return names.filter((name) => /^README(\.\w+)?\.md$/.test(name)).map((name) => `part${part}/${name}`);
}

function renameWords(kit: KitTexts, files: readonly string[], { names, prefixes }: Edition): void {
  const words = new RegExp(`\\b(${[...names.keys()].join('|')})\\b`, 'g');
  const starts = new RegExp(`\\b(${[...prefixes.keys()].join('|')})(?=[A-Z$])`, 'g');
  const taken = new RegExp(
    `\\b((${[...names.values()].join('|')})\\b|(${[...prefixes.values()].join('|')})[A-Z])`,
  );
  // The table names them.
  for (const file of files.filter((file) => file !== 'course/editions.yaml')) {
    const [clash] = taken.exec(kit.read(file)) ?? [];
    if (clash !== undefined)
      throw new Error(`${file}: an edition cannot give the name ${clash}, which is there already`);
    kit.edit(file, (text) =>
      text
        .replace(words, (word) => names.get(word) ?? word)
        .replace(starts, (start) => prefixes.get(start) ?? start),
    );
  }
}

/** Gives opcodes and fields their numbers in the .proto file and in the tables of the code. */
function renumberMessages(kit: KitTexts, { opcodes, fields, prefixes }: Edition): MessageNumbers {
  const opcodeOf = new Map(
    [...kit.read(operationsFile).matchAll(/^ {2}(\w+): \{\n {4}opcode: (\d+),/gm)].map(
      ([, name = '', opcode]): [string, number] => [name, Number(opcode)],
    ),
  );
  const newOpcode = new Map<string, number>();
  for (const [operation, other] of opcodes) {
    const opcode = opcodeOf.get(other);
    if (opcode === undefined || !opcodeOf.has(operation))
      throw new Error(`${operationsFile} has no ${operation} or no ${other}`);
    newOpcode.set(operation, opcode);
    kit.replace(
      operationsFile,
      new RegExp(`^( {2}${operation}: \\{\\n {4}opcode: )\\d+,`, 'm'),
      (_, start) => `${start}${opcode},`,
    );
    const constant = `${prefixes.get('OP_') ?? 'OP_'}${operation.toUpperCase()}`;
    kit.replace(protoFile, new RegExp(`^( +${constant} = )\\d+;`, 'm'), (_, start) => `${start}${opcode};`);
  }
  const newField = new Map<number, number>();
  // The type stays, and the name is the edition's.
  for (const [field, number] of fields) {
    kit.replace(
      protoFile,
      new RegExp(`^( {2}(?:repeated )?\\w+ ${field} = )(\\d+);`, 'm'),
      (_, start = '', old) => {
        newField.set(Number(old), number);
        return `${start}${number};`;
      },
    );
    kit.replace(
      tagsFile,
      new RegExp(`^( {2}${field}: \\()\\d+ <<`, 'm'),
      (_, start) => `${start}${number} <<`,
    );
  }
  return {
    fields: newField,
    opcodes: new Map([...opcodes.keys()].map((name) => [opcodeOf.get(name) ?? 0, newOpcode.get(name) ?? 0])),
  };
}

function changeMessageBytes(kit: KitTexts, numbers: MessageNumbers): void {
  kit.replace(
    'part2/test/vectors/sdmessage.json',
    /("bytes": ")([0-9a-f]+)/g,
    (_, start = '', hex = '') => start + renumberedMessage(hex, numbers),
  );
  // Shorter ones are lengths of frames.
  for (const file of ['part2/test/wire.test.ts', 'part2/test/network.test.ts']) {
    kit.replace(
      file,
      /(')((?:[0-9a-f]{2}){3,})(?=')/g,
      (_, start = '', hex = '') => start + renumberedMessage(hex, numbers),
    );
  }
}

/** What an example sends and gets: a frame as octal digits for printf, and as od prints one. */
function renumberedExample(text: string, numbers: MessageNumbers): string {
  const frame = (hex: string) => hex.slice(0, 2) + renumberedMessage(hex.slice(2), numbers);
  const inOctal = (digits: string) => {
    const hex = Buffer.from(
      digits
        .split('\\')
        .slice(1)
        .map((digit) => Number.parseInt(digit, 8)),
    ).toString('hex');
    return [...Buffer.from(frame(hex), 'hex')]
      .map((byte) => `\\${byte.toString(8).padStart(3, '0')}`)
      .join('');
  };
  return (
    text
      .replace(/(printf ")((?:\\[0-7]{3})+)(?=")/g, (_, start, digits) => start + inOctal(digits))
      .replace(/(opcode |código )(\d+)/g, (_, word, opcode) => word + opcodeOf(Number(opcode), numbers))
      // The frame that is explained byte by byte.
      .replace(/^( +04 {3}08 )([0-9a-f]{2})(?= {3}10 )/gm, (_, start, hex) => {
        const opcode = opcodeOf(Number.parseInt(hex, 16), numbers);
        return start + opcode.toString(16).padStart(2, '0');
      })
      .replace(
        /(varint: )(\d+)(?= = \w*SIZE\b)/g,
        (_, start, opcode) => start + opcodeOf(Number(opcode), numbers),
      )
      .replace(/^(?: [0-9a-f]{2}){4,}$/gm, (line) => frame(line.replaceAll(' ', '')).replace(/../g, ' $&'))
  );
}

function swapByteOrder(kit: KitTexts, files: readonly string[]): void {
  kit.replace('part1/src/serialization.ts', /(setUint32\([^()]*)(?=\))/g, (_, call) => `${call}, true`);
  kit.replace(
    'part1/src/buffer-reader.ts',
    /(getUint32\(this\.#take\([^()]*\))(?=\))/,
    (_, call) => `${call}, true`,
  );
  const swapped = (_: string, start = '', hex = '') => start + swappedSizes(hex);
  kit.replace('part1/test/vectors/serialization.json', /("bytes(?:Prefix)?": ")([0-9a-f]+)/g, swapped);
  kit.replace('part1/test/serialization.test.ts', /(')((?:[0-9a-f]{2}){3,})(?=[' ])/g, swapped);
  for (const file of files.filter((file) => file.startsWith('part1/'))) {
    kit.edit(file, (text) => text.replaceAll('big-endian', 'little-endian'));
    // What the examples print.
    if (file.endsWith('.md'))
      kit.edit(file, (text) => text.replaceAll(/^()((?:[0-9a-f]{2}){8,})$/gm, swapped));
  }
}

function changeHash(kit: KitTexts, files: readonly string[], { finalRounds }: Edition): void {
  kit.replace('part1/src/hash.ts', /^(const finalRounds = )\d+;/m, (_, start) => `${start}${finalRounds};`);
  kit.replace('part1/bench/attacker.ts', /(round < )4;/, (_, start) => `${start}${1 + finalRounds};`);
  for (const file of files.filter((file) => /^(part\d|docs)\//.test(file))) {
    kit.edit(file, (text) =>
      text
        .replaceAll('HalfSipHash-1-3', `HalfSipHash-1-${finalRounds}`)
        .replace('give the 1-3 in', `give the 1-${finalRounds} in`),
    );
  }
  const test = 'part1/test/table.test.ts';
  kit.replace(test, /The Linux kernel's vectors for a 32-bit hsiphash:/, () => "This edition's vectors:");
  kit.replace(
    test,
    /\[(\d+), 0x[0-9a-f]{8}\]/g,
    (_, length) => `[${length}, ${hashVector(Number(length), finalRounds)}]`,
  );
}
