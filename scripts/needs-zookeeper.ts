import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What a test imports, loads, or starts as a program of its own: files beside it, named relative to it. */
const relativeFiles = /['"`](\.{1,2}\/[^'"`]*?\.(?:ts|mjs))['"`]/g;

/** A program that a test names by its path from the repository's folder. */
const filesFromRoot = /['"`/]((?:part\d|shared|scripts)\/[\w/.-]+\.(?:ts|mjs))['"`]/g;

/** How a ZooKeeper is found and started. */
const startsZooKeeper = /\b(?:start|provide|find)ZooKeeper\b|'@tablelab\/shared\/zookeeper'/;

/** Code that has ZooKeeper's client starts none, and the program that asks here does so for others. */
const neverStarts = /\/src\/(?!programs\/)|\/run-tests\.ts$/;

/** Whether a test file starts a ZooKeeper: by itself, or by something that it imports or runs. `root`: the repository. */
export function needsZooKeeper(file: string, root: string): boolean {
  const seen = new Set<string>();
  const waiting = [resolve(root, file)];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next) || neverStarts.test(next) || !existsSync(next) || !statSync(next).isFile()) continue;
    seen.add(next);
    const text = readFileSync(next, 'utf8');
    if (startsZooKeeper.test(text)) return true;
    for (const [, name = ''] of text.matchAll(relativeFiles)) waiting.push(join(dirname(next), name));
    for (const [, name = ''] of text.matchAll(filesFromRoot)) waiting.push(join(root, name));
  }
  return false;
}
