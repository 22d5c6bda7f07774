import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { CoreClass } from './server.ts';

const core = new URL('../src/core/', import.meta.url).href;
const mark = '?open';

/**
 * Loads the core with its private fields as fields that can be looked at: `#executed` is `_executed`. Nothing else is
 * changed. For a search that has to know whether two cores are in the same state.
 */
export async function loadOpenCore(): Promise<CoreClass> {
  const module = await import(`${core}chain-core.ts${mark}`);
  return module.ChainCore;
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const isOpen = context.parentURL?.endsWith(mark) === true && resolved.url.startsWith(core);
    return isOpen ? { ...resolved, url: `${resolved.url}${mark}` } : resolved;
  },
  load(url, context, nextLoad) {
    if (!url.startsWith(core) || !url.endsWith(mark)) return nextLoad(url, context);
    const source = readFileSync(fileURLToPath(url.slice(0, -mark.length)), 'utf8');
    return {
      format: 'module-typescript',
      source: source.replaceAll(/#(?=[a-z])/g, '_'),
      shortCircuit: true,
    };
  },
});

/** Fields that stay what they are from the beginning, and lead to what is looked at anyway. */
const fixed: ReadonlySet<string> = new Set(['_context', '_options', '_limits', '_window']);

/** A text that two objects share when they hold the same: fields, lists and maps in their order, functions left out. */
export function fingerprint(value: unknown, seen: Map<object, number> = new Map()): string {
  if (typeof value === 'function') return '';
  if (typeof value !== 'object' || value === null) return `${value};`;
  const known = seen.get(value);
  if (known !== undefined) return `@${known};`;
  seen.set(value, seen.size);
  let text = '{';
  if (value instanceof Map) {
    for (const [key, item] of value) text += `${fingerprint(key, seen)}${fingerprint(item, seen)}`;
  } else if (Array.isArray(value) || value instanceof Uint8Array) {
    for (const item of value) text += fingerprint(item, seen);
  } else {
    for (const key of Object.keys(value)) {
      if (!fixed.has(key)) text += `${key}:${fingerprint(Reflect.get(value, key), seen)}`;
    }
  }
  return `${text}}`;
}
