import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join, relative } from 'node:path';

const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm;
const requires = /\brequire\(\s*["']([^"']+)["']\s*\)/g;

/**
 * A CommonJS module, and all that it requires, as the text of one ES module, whose default export is `module.exports`. Cycles work as in
 * Node: a module that is required while it loads gives what it has exported so far.
 */
export function commonJsText(root: string, entry: string): string {
  const factories: string[] = [];
  const names: Record<string, Record<string, string>> = {};
  const waiting = [entry];
  for (const file of waiting) {
    const text = readFileSync(join(root, file), 'utf8');
    const { resolve } = createRequire(join(root, file));
    const required: Record<string, string> = {};
    for (const [, name = ''] of text.replaceAll(comments, '').matchAll(requires)) {
      // With a slash, a name of a module of Node means a package.
      const found = relative(root, resolve(isBuiltin(name) ? `${name}/` : name));
      required[name] = found;
      if (!waiting.includes(found)) waiting.push(found);
    }
    names[file] = required;
    factories.push(`${JSON.stringify(file)}: (module, exports, require) => {\n${text}\n}`);
  }
  return `const global = globalThis;
const names = ${JSON.stringify(names)};
const loaded = {};
const factories = {
${factories.join(',\n')}
};
function load(file) {
  if (loaded[file] === undefined) {
    const module = (loaded[file] = { exports: {} });
    factories[file].call(module.exports, module, module.exports, (name) => load(names[file][name]));
  }
  return loaded[file].exports;
}
export default load(${JSON.stringify(entry)});
`;
}
