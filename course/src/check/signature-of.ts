import { leftInQueue } from '../../../scripts/tap-reader.ts';
import type { Signature } from '../diagnose.ts';
import type { VariantResult } from './run-variants.ts';

/** What fails for a wrong solution. A test that was not run, because another one hung, says nothing about the mistake. */
export function signatureOf({ variant: { name, text }, failed }: VariantResult): Signature {
  const titles = failed
    .filter(({ state, title }) => state === 'failed' && !title.startsWith(leftInQueue))
    .map(({ file, title }) => `${file}: ${title}`);
  return { name, mistake: text, failed: [...new Set(titles)].sort() };
}
