/** What the grader tells a judge, in the file that the environment variable TABLELAB_JUDGE names. */
import type { Failure } from '../../../../scripts/student/failure.ts';
import type { Crossing } from './codec.ts';
import type { Limits, SandboxKind } from '../sandbox.ts';

export interface JudgeSettings {
  /** The kit with the tests and with the reference, whose modules show which names are exported. */
  readonly reference: string;
  readonly part: string;
  /** The modules of the student's process, relative to the root of a kit. */
  readonly modules: readonly string[];
  /** Those that stand-ins replace. Of the others, the tests get the reference's. */
  readonly remote: readonly string[];
  /** Those that stand-ins replace also for the kit's own code, such as a simulator; the others only for the tests. */
  readonly modulesOfKit: readonly string[];
  readonly crossing: Crossing;
  /** Methods that change nothing: a failed test does not show them as its input. */
  readonly queries: readonly string[];
  /** Whether the student's code also works between calls, with timers, sockets and threads. */
  readonly hasEvents: boolean;
  /** The hand-out with the submission laid over it. */
  readonly kit: string;
  readonly sandbox: SandboxKind;
  readonly limits: Limits;
  /** The folder of a filled cache of compiled sources for the student's processes, if there is one. */
  readonly compiled?: string | undefined;
  /** For each test the longest time that the student's code may take for it. */
  readonly testLimitsMs: Readonly<Record<string, number>>;
  /** For tests that are not listed. */
  readonly testLimitMs: number;
  /** With how many seeds random tests run: each run makes its share of the cases. */
  readonly seeds: number;
  /** Anchors: only tests that cite one of these rules decide about points, and run; */
  readonly rules: readonly string[];
  /** and none that cites one of these. */
  readonly laterRules: readonly string[];
  /** The names of the tests to run; undefined: all. */
  readonly tests: readonly string[] | undefined;
  /** Where the judge writes its events, one a line. */
  readonly events: string;
}

export type JudgeEvent =
  | { readonly event: 'begin'; readonly test: string }
  | { readonly event: 'fail'; readonly failure: Failure }
  | {
      readonly event: 'end';
      readonly test: string;
      readonly ok: boolean;
      readonly ms: number;
      /** Differs if the test has made other calls. */
      readonly calls: string;
      /** What the submission has printed. */
      readonly output: string;
    }
  /** The file has ended by itself: no test was left out. */
  | { readonly event: 'exit'; readonly code: number };
