import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { assert, must } from '@tablelab/shared';
import type { ChainCore } from '../../src/core/chain-core.ts';
import { type Mutant, mutants } from './mutants.ts';

const core = new URL('../../src/core/', import.meta.url).href;

/**
 * Loads the core with a fault in it. Nothing is written anywhere: the sources are changed on their way into Node, and
 * all files of the core that the broken one imports are loaded again for it, under an address that names the mutant.
 */
export async function loadMutantCore({ name }: Mutant): Promise<typeof ChainCore> {
  const module = await import(`${core}chain-core.ts?mutant=${name}`);
  return module.ChainCore;
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const name = mutantIn(context.parentURL);
    if (name === undefined || !resolved.url.startsWith(core)) return resolved;
    return { ...resolved, url: `${resolved.url}?mutant=${name}` };
  },
  load(url, context, nextLoad) {
    const name = mutantIn(url);
    if (name === undefined || !url.startsWith(core)) return nextLoad(url, context);
    const mutant = must(
      mutants.find((other) => other.name === name),
      `there is a mutant ${name}`,
    );
    const file = fileURLToPath(url.slice(0, url.indexOf('?')));
    const source = readFileSync(file, 'utf8');
    return {
      format: 'module-typescript',
      source: file.endsWith(`/${mutant.file}`) ? mutate(source, mutant) : source,
      shortCircuit: true,
    };
  },
});

/** The source with the fault; what the mutant replaces must be there, once. */
function mutate(source: string, { name, find, replace }: Mutant): string {
  const places = source.split(find).length - 1;
  assert(
    places === 1,
    `mutant ${name} replaces one place, and there are ${places}: it has to follow the core`,
  );
  return source.replace(find, () => replace);
}

function mutantIn(url: string | undefined): string | undefined {
  return url === undefined ? undefined : (/\?mutant=([a-z0-9-]+)$/.exec(url)?.[1] ?? undefined);
}
