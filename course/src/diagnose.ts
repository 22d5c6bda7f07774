/** What one common mistake looks like: the graded tests that fail for it. */
export interface Signature {
  /** The name of the wrong solution. */
  readonly name: string;
  /** The mistake, in a sentence. */
  readonly mistake: string;
  /** The titles of the tests. */
  readonly failed: readonly string[];
}

/** A mistake that explains some of the failures. */
export interface Diagnosis {
  readonly name: string;
  readonly mistake: string;
  /**
   * From 0 to 1: the tests that fail in both, divided by those that fail in either; failures that another mistake of the same
   * diagnosis explains do not count against it.
   */
  readonly fit: number;
}

/** Below this fit, a mistake is not named: a wrong hint costs a student more than none. */
const fitMin = 0.7;

/** More mistakes at once are not told apart reliably. */
const mistakesMax = 3;

/**
 * The mistakes that together explain `failures` best, the best one first; nothing where none fits. Each step takes the
 * mistake that fits best what is left; a mistake must explain at least one failure of its own.
 */
export function diagnose(failures: readonly string[], signatures: readonly Signature[]): Diagnosis[] {
  const failed = new Set(failures);
  const left = new Set(failures);
  const chosen: Signature[] = [];
  while (left.size > 0 && chosen.length < mistakesMax) {
    const best = bestOf(signatures, failed, left);
    if (best === undefined) break;
    chosen.push(best);
    for (const title of best.failed) left.delete(title);
  }
  return chosen
    .map((signature) => ({
      name: signature.name,
      mistake: signature.mistake,
      fit: fitOf(signature, failed, unexplained(failed, chosen, signature)),
    }))
    .filter(({ fit }) => fit >= fitMin)
    .sort((one, other) => other.fit - one.fit);
}

/**
 * Of the mistakes nearly all of whose failures are there, the one that explains most of what is left, and claims the least
 * beyond that.
 */
function bestOf(
  signatures: readonly Signature[],
  failed: ReadonlySet<string>,
  left: ReadonlySet<string>,
): Signature | undefined {
  let best: Signature | undefined;
  let bestScore = 0;
  for (const signature of signatures) {
    const shared = signature.failed.filter((title) => failed.has(title)).length;
    if (shared < fitMin * signature.failed.length) continue;
    const fresh = signature.failed.filter((title) => left.has(title)).length;
    const score = fresh / (left.size + signature.failed.length - shared);
    if (score > bestScore) [best, bestScore] = [signature, score];
  }
  return best;
}

/** The failures that only `signature`, or none of the chosen ones, explains. */
function unexplained(
  failed: ReadonlySet<string>,
  chosen: readonly Signature[],
  signature: Signature,
): ReadonlySet<string> {
  const others = new Set(chosen.filter((other) => other !== signature).flatMap((other) => other.failed));
  return new Set([...failed].filter((title) => !others.has(title)));
}

function fitOf(signature: Signature, failed: ReadonlySet<string>, counted: ReadonlySet<string>): number {
  const shared = signature.failed.filter((title) => failed.has(title));
  return shared.length / new Set([...counted, ...signature.failed]).size;
}
