import type { RunOptions } from '@tablelab/part4/sim/run-seed';

type Core = NonNullable<RunOptions['Core']>;

/** The core that the server of the page has put into a folder of its own, beside the right one. */
export async function coreIn(folder: string): Promise<Core> {
  const url = new URL(`../../../${folder}/part4/src/core/chain-core.js`, import.meta.url);
  const { ChainCore } = (await import(url.href)) as { readonly ChainCore?: Core };
  if (ChainCore === undefined) throw new Error('the core’s file exports no class ChainCore');
  return ChainCore;
}
