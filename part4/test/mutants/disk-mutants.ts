import type { Seeds } from './caught.ts';
import type { Edit } from './load-mutant.ts';

/** A plausible bug in what a server does with its disk, and the seeds with disks that catch it. */
export type DiskMutant = Edit & {
  /** The bug, for reports. */
  readonly trap: string;
} & Seeds;

const driver = 'adapters/core-driver.ts';
const ahead = 'adapters/disk/write-ahead.ts';
const checkpoints = 'adapters/disk/checkpoints.ts';
const journal = 'adapters/disk/journal.ts';
const recovery = 'adapters/disk/recovery.ts';
const lasting = 'core/lasting.ts';

export const diskMutants: readonly DiskMutant[] = [
  {
    name: 'executed-before-kept',
    trap: 'an update is executed, passed on and answered before it is on the disk',
    seedsMax: 400,
    file: ahead,
    find: 'else this.#waiting.push({ after: this.#journal.add(block), run, isWork: true });',
    replace: 'else { this.#journal.add(block); run(); }',
  },
  {
    name: 'new-log-without-its-name',
    trap: 'the name of a new log is not synced',
    seedsMax: 400,
    file: journal,
    find: 'await disk.syncNames();',
    replace: '',
  },
  {
    name: 'copy-not-journaled',
    trap: 'a state that is copied anew is executed, and the disk still says the old one',
    seedsMax: 400,
    file: ahead,
    find: '    this.#journal?.add(block);\n    this.#waiting =',
    replace: '    this.#waiting =',
  },
  {
    name: 'old-work-after-a-copy',
    trap: 'updates of the old state that wait for the disk are executed on the new one',
    seedsMax: 400,
    file: ahead,
    find: 'this.#waiting.filter(({ isWork }) => !isWork)',
    replace: 'this.#waiting.filter(() => true)',
  },
  {
    name: 'lasting-never-written',
    trap: 'the record that a server acts on is not written to its disk',
    seedsMax: 400,
    file: driver,
    find: 'if (this.#ahead.isDurable && !isSameLasting(lasting, this.#lasting))',
    replace: 'if (this.#ahead.isDurable && this.#isBroken)',
  },
  {
    name: 'lasting-not-waited-for',
    trap: 'a server acts on what should last before it is on its disk',
    seedsMax: 400,
    file: ahead,
    find: '    this.#waiting.push({ after: this.#journal.add(block), run, isWork: false });\n  }\n\n  /** Runs `run` once everything',
    replace: '    this.#journal.add(block);\n    run();\n  }\n\n  /** Runs `run` once everything',
  },
  {
    name: 'another-member-at-each-start',
    trap: 'a server that starts again is another member',
    seedsMax: 400,
    file: 'adapters/chain-node.ts',
    find: 'member: recovered?.member ?? randomness.hex(nameDigits),',
    replace: 'member: randomness.hex(nameDigits),',
  },
  {
    name: 'another-chain-name-at-each-start',
    trap: 'a server forgets the name of the chain that it was founding',
    seedsMax: 400,
    file: lasting,
    find: 'const state = newState(newChain);',
    replace: "const state = newState('0123456789abcdef');",
  },
  {
    name: 'half-a-copy',
    trap: 'a copy that was not complete counts as the chain’s data',
    seedsMax: 400,
    file: recovery,
    find: 'const isDiscarded = this.#lasting?.isWhole === false;',
    replace: 'const isDiscarded = false;',
  },
  {
    name: 'torn-end-stays',
    trap: 'a torn end is not cut, and counts as damage later',
    seedsMax: 400,
    file: recovery,
    find: '  await disk.truncate(name, end);\n',
    replace: '',
  },
  {
    name: 'last-log-not-synced',
    trap: 'what a killed process has written is not synced before a server goes on from it',
    seedsMax: 400,
    file: recovery,
    find: 'return isLast ? await syncFile(disk, name) : undefined;',
    replace: 'return;',
  },
  {
    name: 'no-sessions-on-disk',
    trap: 'a snapshot on disk lacks the client sessions',
    seedsMax: 400,
    file: checkpoints,
    find: 'const snapshot = source.snapshot();',
    replace: 'const snapshot = { ...source.snapshot(), sessions: [] };',
  },
  {
    name: 'snapshot-before-its-log',
    trap: 'a snapshot is begun before the updates below its log are executed',
    seedsMax: 400,
    file: checkpoints,
    find: 'if (!(await this.#until(generation, () => source.executed >= received))) return;',
    replace: '',
  },
  {
    name: 'snapshot-of-the-future',
    trap: 'a snapshot has sessions of updates that are not on the disk yet',
    seedsMax: 400,
    file: checkpoints,
    find: 'if (!(await this.#until(generation, () => source.executed >= snapshot.sessionsSeq))) return undefined;',
    replace: '',
  },
  {
    name: 'snapshot-of-two-states',
    trap: 'a snapshot goes on although the state has begun anew',
    seedsMax: 400,
    file: checkpoints,
    find: 'source.generation !== generation',
    replace: 'source.generation < generation',
  },
  {
    name: 'more-than-the-predecessor',
    trap: 'a server that comes back with more than its predecessor keeps the longer end',
    seedsMax: 400,
    file: 'core/downstream.ts',
    find: 'if (received > executed) return',
    replace: 'if (received > executed && (lastEpoch ?? 0) < 0) return',
  },
  {
    name: 'failed-sync-ignored',
    trap: 'a server goes on after its disk has failed',
    seedsMax: 400,
    file: driver,
    find: 'failed: (error) => this.#break(',
    replace: 'failed: (error) => ((_: string) => undefined)(',
  },
];
