/**
 * Runs the student's code, in a process of its own, and serves the judge's calls (`node host.ts KIND CROSSING FOLDER SEED MODULES`): file
 * descriptor 3 brings the requests, 4 takes the answers, and 5 is as 3 without blocking. Nothing in this process decides about points.
 *
 * KIND says what else the student's code does: `calls`, nothing; `events`, it also works between calls, in an event loop. SEED is that of its
 * random numbers, or empty: then they are the system's.
 */
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Shared from '@tablelab/shared';
import type { Crossing } from './codec.ts';
import { FramePipe, PipeEnded } from './frame-pipe.ts';
import { Peer, type Request } from './peer.ts';
import { memberName, type Property } from './remote-objects.ts';
import { seedRandomness } from './seeded-randomness.ts';

const [, , kind = '', crossing = '', kit = '', seed = '', ...modules] = process.argv;
const hasEvents = kind === 'events';
if (seed !== '') seedRandomness(Number(seed));
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
    case 'property': {
      const value = member(rest[0], rest[1]);
      return (typeof value === 'function' ? [true, undefined] : [false, value]) satisfies Property;
    }
    case 'set': {
      Reflect.set(rest[0] as object, memberName(rest[1]), rest[2]);
      return undefined;
    }
    case 'member': {
      const [module, name, key, ...args] = rest;
      const owner = exported(module, name) ?? missing(String(name));
      return Reflect.apply(callable(member(owner, key), `${name}.${key}`), owner, args);
    }
    case 'apply': {
      const [called, ...args] = rest;
      return callable(called, 'the function')(...args);
    }
    default:
      return missing(`the operation ${operation}`);
  }
}

const peer = new Peer({
  pipe: new FramePipe({ input: 3, output: 4, spare: hasEvents ? 5 : undefined }),
  crossing: crossing as Crossing,
  classes,
  errors: shared,
  objects: { firstId: 1 },
  side: {
    isReference: (object) => object instanceof EventEmitter,
    exportOf: () => undefined,
    exported,
    urlText: (url) => url.href,
  },
  isRunToCompletion: true,
  serve,
});
if (hasEvents) {
  const requests = new Socket({ fd: 5, readable: true, writable: false });
  requests.on('data', (bytes) => peer.feed(bytes));
  requests.on('close', () => process.exit(0));
} else {
  try {
    peer.serve();
  } catch (error) {
    if (!(error instanceof PipeEnded)) throw error;
  }
  process.exit(0);
}
