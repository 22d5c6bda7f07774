/**
 * Loaded into the process that judges a test file (`node --import judge.ts FILE`). The file runs unchanged, with its tests, hidden
 * ones too, and its harness. Only what the student writes is not loaded here: those modules are replaced by stand-ins, which call the
 * student's code in another process, and programs that a test starts run in a sandbox, too. So no line of the submission runs here,
 * and what this process reports decides about the points.
 *
 * Every test gets a process of its own, so that what one test leaves behind, or breaks, does not touch the next.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { registerHooks, type ResolveHookSync } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createContext, Script } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { assert } from '@tablelab/shared';
import { forgetInput, statedInput } from '@tablelab/shared/testing';
import { t as file, TestBase } from 'tap';
import { citedRules } from '../../rules.ts';
import { failureOf } from '../../../../scripts/student/failure.ts';
import { CallLog } from './call-log.ts';
import type { JudgeEvent, JudgeSettings } from './judge-settings.ts';
import { KnownProperties } from './known-properties.ts';
import type { Request } from './peer.ts';
import { RemoteExports } from './remote-exports.ts';
import { sandboxPrograms } from './programs.ts';
import { StudentProcess } from './student-process.ts';
import { Watchdog } from './watchdog.ts';

const settings = JSON.parse(readFileSync(process.env.TABLELAB_JUDGE ?? '', 'utf8')) as JudgeSettings;
const watchdog = new Watchdog(settings.limits);
const calls = new CallLog(settings.queries);

const shapes = new Map<string, Readonly<Record<string, unknown>>>();
const exports = new RemoteExports(
  {
    call(request: Request): unknown {
      calls.add(request);
      return student.call(request);
    },
  },
  shapes,
  settings.crossing === 'copied' ? new KnownProperties(settings.queries) : undefined,
  (module) => settings.remote.includes(module),
);

function start(): StudentProcess {
  const exportOf = (value: object) => exports.exportOf(value);
  // Processes that talk with each other must not draw the same numbers.
  const seed = settings.hasEvents ? undefined : Number(process.env.TEST_SEED);
  return new StudentProcess({ ...settings, seed, classes: exports.classes, watchdog, collect, exportOf });
}

// Otherwise, Buffers of the tests and of Node itself would share memory, and each change of it would be carried over.
Buffer.poolSize = 0;

let student = start();
/** Started in advance, so that no test waits for it; not where the student's processes have a network. */
let next: StudentProcess | undefined;

const failedStartsMax = 2;
/** More than the watchdog's, see `watchdog.ts`. */
const eventLimitFactor = 6;

/** The garbage collector finds nothing that a WeakRef has touched in the running job, so a job of another context is run first. */
const emptyJob = new Script('0');
const emptyContext = createContext({}, { microtaskMode: 'afterEvaluate' });
setFlagsFromString('--expose-gc');
const collectGarbage = new Script('gc').runInNewContext() as () => void;
function collect(): void {
  emptyJob.runInContext(emptyContext);
  collectGarbage();
}

/** Of the reference: they show which names a module exports. They are loaded under another address, which the tests do not use. */
const shape = '?shape';
const stand = '?stand-in';
const moduleUrls = new Map(
  settings.modules.map((module) => [pathToFileURL(join(settings.reference, module)).href, module]),
);
const sources = pathToFileURL(join(settings.reference, settings.part, 'src/')).href;
const remote = new Set(settings.remote);
const isIndex = (module: string) => module.endsWith('/index.ts');
(globalThis as { [key: symbol]: unknown })[Symbol.for('tablelab.stand-ins')] = (module: string) =>
  exports.module(module);

/** Hidden tests lie outside of the kit, and import its packages by their names. */
const kit = pathToFileURL(join(settings.reference, '/')).href;
const tests = pathToFileURL(join(settings.reference, settings.part, 'test/')).href;
const kitTest = pathToFileURL(join(settings.reference, settings.part, 'test/any.test.ts')).href;
const resolveInKit: ResolveHookSync = (specifier, context, nextResolve) => {
  const isPackage = !specifier.startsWith('.') && !specifier.includes(':');
  const isInKit = context.parentURL?.startsWith(kit) ?? true;
  return nextResolve(specifier, isPackage && !isInKit ? { ...context, parentURL: kitTest } : context);
};

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = resolveInKit(specifier, context, nextResolve);
    const { url } = resolved;
    const module = moduleUrls.get(url) ?? (url.startsWith(sources) ? '' : undefined);
    if (module === undefined || url.includes('?')) return resolved;
    if (context.parentURL?.endsWith(shape)) return { ...resolved, url: url + shape };
    // The reference's modules are loaded once, so that their classes are the same for all.
    if (settings.hasEvents)
      return { ...resolved, url: url + (remote.has(module) || isIndex(module) ? stand : shape) };
    const isOfKit = context.parentURL?.startsWith(kit) === true && !context.parentURL.startsWith(tests);
    const replaced = isOfKit ? settings.modulesOfKit : settings.remote;
    return replaced.includes(module) ? { ...resolved, url: url + stand } : resolved;
  },
  load(url, context, nextLoad) {
    if (!url.endsWith(stand)) return nextLoad(url, context);
    const module = moduleOf(url.slice(0, -stand.length));
    const names = Object.keys(shapes.get(module) ?? {});
    const source = [
      `const exports = globalThis[Symbol.for('tablelab.stand-ins')](${JSON.stringify(module)});`,
      ...names.map((name) => `export const ${name} = exports[${JSON.stringify(name)}];`),
    ];
    return { format: 'module', source: source.join('\n'), shortCircuit: true };
  },
});

for (const module of settings.modules) {
  const url = pathToFileURL(join(settings.reference, module)).href + shape;
  shapes.set(module, (await import(url)) as Record<string, unknown>);
}
if (settings.hasEvents) {
  exports.makeClasses();
  sandboxPrograms(settings);
}

function moduleOf(url: string): string {
  return relative(settings.reference, fileURLToPath(url));
}

/** Written for the grader, beside the TAP. */
function report(event: JudgeEvent): void {
  appendFileSync(settings.events, `${JSON.stringify(event)}\n`);
}

function isWanted(name: string): boolean {
  const cited = citedRules(name, Number(settings.part.slice('part'.length)));
  return (
    cited.some((rule) => settings.rules.includes(rule)) &&
    !cited.some((rule) => settings.laterRules.includes(rule)) &&
    (settings.tests?.includes(name) ?? true)
  );
}

file.on('subtestStart', (test) => {
  assert(test instanceof TestBase, 'tests of a file are tests');
  if (!isWanted(test.name)) {
    test.cb = async () => undefined;
    return;
  }
  // A submission that could not be loaded twice will not be loaded the next time, either.
  if (failedStarts < failedStartsMax) {
    student.close();
    student = next ?? start();
    next = undefined;
    student.ready();
    if (student.failedToStart) failedStarts += 1;
    // With a network that they share, the process of one test could talk to that of the next.
    if (!settings.hasEvents) next = start();
  }
  calls.clear();
  forgetInput();
  const limitMs = settings.testLimitsMs[test.name] ?? settings.testLimitMs;
  // The clock of a test starts here, when the student's modules are loaded.
  student.begin(limitMs);
  // For what no process limits: a test that waits for an event which does not come.
  if (settings.hasEvents) test.setTimeout(eventLimitFactor * limitMs);
  began = performance.now();
  report({ event: 'begin', test: test.name });
});

// A limit of the file is for a run without a grader: here, each test has its own.
if (settings.hasEvents) file.setTimeout = () => undefined;

let began = 0;
let failedStarts = 0;

file.on('subtestProcess', (test) => {
  if (!(test instanceof TestBase) || !isWanted(test.name)) return;
  const ms = performance.now() - began;
  student.end();
  const { name, counts } = test;
  report({
    event: 'end',
    test: name,
    ok: test.passing() && counts.total > 0,
    ms,
    calls: calls.digest(),
    output: student.output(),
  });
});

/** Notes what a failed assertion says, and what led to it: the test's own words, or the calls. */
const { fail } = TestBase.prototype;
TestBase.prototype.fail = function (this: TestBase, ...args: Parameters<typeof fail>) {
  const [message, extra] = args;
  report({ event: 'fail', failure: failureOf(message, extra, statedInput() ?? calls.text()) });
  return fail.apply(this, args);
};

process.on('exit', (code) => {
  student.close();
  next?.close();
  report({ event: 'exit', code });
});
