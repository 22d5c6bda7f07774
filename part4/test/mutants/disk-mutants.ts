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
const replay = 'adapters/disk/replay.ts';
const lasting = 'core/lasting.ts';

/** With nothing but these, the rarer bugs of what a start reads are found sooner. */
const powerCuts: Seeds['kinds'] = ['power-cut', 'power-cut-all', 'crash'];

export const diskMutants: readonly DiskMutant[] = [
  {
    name: 'executed-before-kept',
    trap: 'an update is executed, passed on and answered before it is on the disk',
    seedsMax: 10,
    file: ahead,
    find: 'else this.#waiting.push({ after: this.#journal.add(block), run, isWork: true });',
    replace: 'else { this.#journal.add(block); run(); }',
  },
  {
    name: 'new-log-without-its-name',
    trap: 'the name of a new log is not synced',
    seedsMax: 10,
    file: journal,
    find: 'await disk.syncNames();',
    replace: '',
  },
  {
    name: 'copy-not-journaled',
    trap: 'a state that is copied anew is executed, and the disk still says the old one',
    kinds: powerCuts,
    seedsMax: 5,
    file: ahead,
    find: '    this.#journal?.add(block());\n    this.#waiting =',
    replace: '    this.#waiting =',
  },
  {
    name: 'lasting-never-written',
    trap: 'the record that a server acts on is not written to its disk',
    seedsMax: 10,
    file: driver,
    find: 'if (this.#ahead.isDurable && !isSameLasting(lasting, this.#lasting))',
    replace: 'if (this.#ahead.isDurable && this.#isBroken)',
  },
  {
    name: 'another-member-at-each-start',
    trap: 'a server that starts again is another member',
    seedsMax: 10,
    file: 'adapters/chain-node.ts',
    find: 'member: recovered?.member ?? randomness.hex(nameDigits),',
    replace: 'member: randomness.hex(nameDigits),',
  },
  {
    name: 'another-chain-name-at-each-start',
    trap: 'a server forgets the name of the chain that it was founding',
    kinds: powerCuts,
    seedsFrom: 41,
    seedsMax: 45,
    file: lasting,
    find: 'const state = newState(newChain);',
    replace: "const state = newState('0123456789abcdef');",
  },
  {
    name: 'half-a-copy',
    trap: 'a copy that was not complete counts as the chain’s data',
    kinds: powerCuts,
    seedsFrom: 405,
    seedsMax: 410,
    file: replay,
    find: 'const isDiscarded = this.#lasting?.isWhole === false;',
    replace: 'const isDiscarded = false;',
  },
  {
    name: 'torn-end-stays',
    trap: 'a torn end is not cut, and counts as damage later',
    kinds: powerCuts,
    seedsMax: 10,
    file: recovery,
    find: '      await disk.truncate(name, end);\n',
    replace: '',
  },
  {
    name: 'no-sessions-on-disk',
    trap: 'a snapshot on disk lacks the client sessions',
    seedsMax: 5,
    file: checkpoints,
    find: 'const snapshot = source.snapshot();',
    replace: 'const snapshot = { ...source.snapshot(), sessions: [] };',
  },
  {
    name: 'snapshot-before-its-log',
    trap: 'a snapshot is begun before the updates below its log are executed',
    seedsMax: 5,
    file: checkpoints,
    find: 'if (!(await this.#until(generation, () => source.executed >= received))) return;',
    replace: '',
  },
  {
    name: 'failed-sync-ignored',
    trap: 'a server goes on after its disk has failed',
    seedsMax: 10,
    file: driver,
    find: 'failed: (error) => this.#break(',
    replace: 'failed: (error) => ((_: string) => undefined)(',
  },
  {
    name: 'numbers-with-a-full-disk',
    trap: 'a head goes on numbering writes when its disk has little room',
    kinds: ['disk-full'],
    seedsMax: 5,
    file: 'core/admission.ts',
    find: "if (room !== 'enough') return refused(",
    replace: 'if (room === undefined) return refused(',
  },
  {
    name: 'full-for-ever',
    trap: 'a server that has refused writes for its disk refuses them for ever',
    kinds: ['disk-full'],
    seedsMax: 5,
    file: '../../shared/src/disk/room-watch.ts',
    find: "before === 'enough' ? reserveBytes : reserveBytes * againFactor;",
    replace: "before === 'enough' ? reserveBytes : Number.POSITIVE_INFINITY;",
  },
  {
    name: 'older-updates-of-another-history',
    trap: 'a server that comes back gets older updates although its history differs',
    seedsFrom: 36,
    seedsMax: 42,
    file: 'core/downstream.ts',
    find: 'if (received > 0 && epochOf(epochs, received - 1) !== lastEpoch) {',
    replace:
      'if (received >= history.log.start && received > 0 && epochOf(epochs, received - 1) !== lastEpoch) {',
  },
  {
    name: 'memory-before-the-disk-is-read',
    trap: 'what is in memory is sent before the older updates on disk',
    seedsMax: 5,
    file: 'core/downstream.ts',
    find: 'if (state.next < log.start) return readLog(step, state);',
    replace: 'if (state.next < log.start) state.next = log.start;',
  },
];
