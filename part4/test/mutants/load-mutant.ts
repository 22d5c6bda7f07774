import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { assert } from '@tablelab/shared';

/** An edit that breaks a source. */
export interface Edit {
  /** Names it, in a web address. */
  readonly name: string;
  /** The file, in `part4/src`. */
  readonly file: string;
  /** What stands there once ... */
  readonly find: string;
  /** ... and what the mutant has in its place. */
  readonly replace: string;
}

const part4 = new URL('../../', import.meta.url).href;
const loaded = new Map<string, Edit>();

/**
 * Loads a file of part 4 with a fault in one of the sources that it imports. Nothing is written anywhere: the source is
 * changed on its way into Node, and every file of part 4 that is imported is loaded again, under an address that names
 * the mutant.
 */
export async function loadWith<Module>(edit: Edit, file: string): Promise<Module> {
  const known = loaded.get(edit.name) ?? edit;
  assert(
    known === edit,
    `one mutant is called ${edit.name}: what it has broken stays loaded under that name`,
  );
  loaded.set(edit.name, edit);
  return (await import(`${part4}${file}?mutant=${edit.name}`)) as Module;
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const name = mutantIn(context.parentURL);
    if (name === undefined || !isReloaded(resolved.url)) return resolved;
    return { ...resolved, url: `${resolved.url}?mutant=${name}` };
  },
  load(url, context, nextLoad) {
    const edit = loaded.get(mutantIn(url) ?? '');
    if (edit === undefined || !isReloaded(url)) return nextLoad(url, context);
    const file = fileURLToPath(url.slice(0, url.indexOf('?')));
    const source = readFileSync(file, 'utf8');
    const isMeant = file === fileURLToPath(`${part4}src/${edit.file}`);
    return {
      format: 'module-typescript',
      source: isMeant ? broken(source, edit) : source,
      shortCircuit: true,
    };
  },
});

/** Not generated code, which is JavaScript. */
function isReloaded(url: string): boolean {
  return url.startsWith(part4) && !url.includes('/generated/') && !url.includes('/node_modules/');
}

function broken(source: string, { name, find, replace }: Edit): string {
  const places = source.split(find).length - 1;
  assert(
    places === 1,
    `mutant ${name} replaces one place, and there are ${places}: it has to follow the code`,
  );
  return source.replace(find, () => replace);
}

function mutantIn(url: string | undefined): string | undefined {
  return url === undefined ? undefined : (/\?mutant=([a-z0-9-]+)$/.exec(url)?.[1] ?? undefined);
}
