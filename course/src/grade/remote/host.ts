/**
 * Runs the student's code, in a process of its own, and serves the judge's calls (`node host.ts FOLDER shared|copied MODULE...`): file descriptor 3 brings
 * the requests, 4 takes the answers. Nothing in this process decides about points.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Shared from '@tablelab/shared';
import type { Crossing } from './codec.ts';
import { FramePipe, PipeEnded } from './frame-pipe.ts';
import { Peer, type Request } from './peer.ts';

const [, , kit = '', crossing = '', ...modules] = process.argv;
type Exports = Record<string, unknown>;
type Callable = (...args: unknown[]) => unknown;
type Class = new (...args: unknown[]) => object;

// Not by the package's name: without a sandbox, that would be another copy of it than the student's.
const shared = (await import(pathToFileURL(join(kit, 'shared/src/index.ts')).href)) as typeof Shared;

const loaded = new Map<string, Exports>();
const failures = new Map<string, unknown>();
for (const module of modules) {
  try {
    loaded.set(module, (await import(pathToFileURL(join(kit, module)).href)) as Exports);
  } catch (error) {
    // Only what the module exports fails, with this error.
    failures.set(module, error);
  }
}

/** Classes by the name under which they are exported. */
const classes = new Map<string, Class>();
for (const exports of loaded.values()) {
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))) {
      classes.set(name, value as Class);
    }
  }
}

function exported(module: unknown, name: unknown): unknown {
  const exports = loaded.get(String(module));
  if (exports === undefined) throw failures.get(String(module)) ?? new Error(`${module} cannot be loaded`);
  return exports[String(name)];
}

function missing(what: string): never {
  throw new Error(`${what} is missing`);
}

function callable(value: unknown, what: string): Callable {
  return typeof value === 'function' ? (value as Callable) : missing(what);
}

/** Symbols that name methods travel as their descriptions. */
function memberName(name: unknown): string | symbol {
  return name === '@@iterator' ? Symbol.iterator : String(name);
}

function member(object: unknown, name: unknown): unknown {
  return (object as Record<string | symbol, unknown>)[memberName(name)];
}

function serve([operation, ...rest]: Request): unknown {
  switch (operation) {
    case 'ready':
      return true;
    case 'value':
      return exported(rest[0], rest[1]);
    case 'function': {
      const [module, name, ...args] = rest;
      return callable(exported(module, name), String(name))(...args);
    }
    case 'construct': {
      const [module, name, ...args] = rest;
      const type = callable(exported(module, name), `class ${name}`) as unknown as Class;
      return new type(...args);
    }
    case 'static': {
      const [module, name, method, ...args] = rest;
      const type = callable(exported(module, name), `class ${name}`);
      return Reflect.apply(callable(member(type, method), `${name}.${method}`), type, args);
    }
    case 'method': {
      const [object, name, ...args] = rest;
      return Reflect.apply(callable(member(object, name), `the method ${name}`), object, args);
    }
    case 'get':
      return member(rest[0], rest[1]);
    case 'apply': {
      const [called, ...args] = rest;
      return callable(called, 'the function')(...args);
    }
    default:
      return missing(`the operation ${operation}`);
  }
}

const peer = new Peer({
  pipe: new FramePipe({ input: 3, output: 4 }),
  crossing: crossing as Crossing,
  classes,
  errors: shared,
  objects: { firstId: 1 },
  serve,
});
try {
  peer.serve();
} catch (error) {
  if (!(error instanceof PipeEnded)) throw error;
}
process.exit(0);
