import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { assert } from '@tablelab/shared';

/** An edit that breaks a source. */
export interface Edit {
  /** Its name, for a URL. */
  readonly name: string;
  /** The file, seen from `part4/src`: one of part 4, or of `shared/src/disk`. */
  readonly file: string;
  /** The original text, which occurs once ... */
  readonly find: string;
  /** ... and the mutant's text. */
  readonly replace: string;
}

const part4 = new URL('../../', import.meta.url).href;
const disk = new URL('../../../shared/src/disk/', import.meta.url).href;
const loaded = new Map<string, Edit>();

/**
 * Loads a file of part 4 with a bug in one of the sources that it imports. No file is written: the source is changed
 * while Node loads it, and every imported file of part 4 and of `shared/src/disk` is loaded again, under a URL with the mutant's name.
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
    const isMeant = file === fileURLToPath(new URL(edit.file, `${part4}src/`));
    return {
      format: 'module-typescript',
      source: isMeant ? broken(source, edit) : source,
      shortCircuit: true,
    };
  },
});

/** Generated code is excluded, because it is JavaScript. */
function isReloaded(url: string): boolean {
  const isOurs = url.startsWith(part4) || url.startsWith(disk);
  return isOurs && !url.includes('/generated/') && !url.includes('/node_modules/');
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
