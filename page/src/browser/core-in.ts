import type { RunOptions } from '@tablelab/part4/sim/run-seed';

type Core = NonNullable<RunOptions['Core']>;

/** The core that the server of the page has put into a folder of its own, beside the right one. */
export async function coreIn(folder: string): Promise<Core> {
  const url = new URL(`../../../${folder}/part4/src/core/chain-core.js`, import.meta.url);
  const module = (await import(url.href).catch((cause: unknown) => {
    // A hand-out has none of the cores with a mistake, which would name the lines of the solution.
    throw new Error(`the servers of ${folder} cannot be loaded here: ${String(cause)}`, { cause });
  })) as { readonly ChainCore?: Core };
  const { ChainCore } = module;
  if (ChainCore === undefined) throw new Error('the core’s file exports no class ChainCore');
  return ChainCore;
}
