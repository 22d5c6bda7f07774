import { errorText, must, TableError } from '@tablelab/shared';
import type { Data } from '../src/adapters/disk/open-journal.ts';
import type { LastCopy } from '../src/core/effects.ts';
import { type ChainLimits, defaultChainLimits } from '../src/core/limits.ts';
import { type ChainId, isNamed, presentMembers } from '../src/core/membership-record.ts';
import { effectOf } from '../src/core/update.ts';
import type { ChainInZnodes } from './chain-in-znodes.ts';
import { SimDisk } from './disk.ts';
import { contains, type HistoryNode, HistoryTree, RuleBroken, rule } from './history-tree.ts';
import { Oracle } from './oracle.ts';
import { SimProcess } from './process.ts';
import { openSimData } from './recovered-server.ts';
import {
  type CoreClass,
  newTable,
  type ServerObserver,
  type ServerOptions,
  type ServerParts,
  SimServer,
} from './server.ts';
import { Network } from './transport.ts';
import type { World } from './world.ts';
import { SimZooKeeper } from './zookeeper.ts';
import { zooKeeperHost } from './zookeeper-protocol.ts';

export interface ClusterOptions {
  readonly Core: CoreClass;
  readonly sessionTimeoutMs: number;
  readonly limits?: Partial<ChainLimits>;
  /** The largest error of a server's clock: 0.05 is from 5 % slow to 5 % fast. */
  readonly clockDrift: number;
  readonly zooKeepers?: number;
  /** The number of the first server that enters; default: 0. */
  readonly firstNumber?: number;
  /** The logical capacity of the table of the server at a place; default: a megabyte. */
  readonly capacityBytesOf?: (place: number) => number;
  /** The largest number of writes that wait for a server's table; default: a thousand. */
  readonly queueMax?: number;
  /** How long a write may wait for room and for its answer; default: 30 session time-outs. */
  readonly writeTimeoutMs?: number;
  /** The largest number of servers in the run. */
  readonly placesMax: number;
  readonly onTotalLoss?: 'wait' | 'start-empty';
  readonly totalLossGraceMs?: number;
  /** Whether every server keeps its data on the disk of its machine. */
  readonly hasDisks?: boolean;
  /** A snapshot is made when the logs on a disk are this long, in bytes. */
  readonly logBytesMax?: number;
  /** How much of older logs is kept, in bytes. */
  readonly keptLogBytesMax?: number;
  /** How long it takes until a server that has left the chain is started again, in milliseconds. */
  readonly returnMs?: number;
  /** Sees every effect first. */
  readonly onEffect?: ServerObserver['onEffect'];
  /**
   * Called when a server stops with an error although it has enough memory for the chain; by default, that breaks a
   * rule.
   */
  readonly onStop?: (server: SimServer, detail: string) => void;
}

/** The pause before another check whether a server may be started, in milliseconds. */
const restartMs = 50;

const defaultGraceMs = 1_000;

/** A chain's servers and their environment. A server's place is a number, and its address never changes. */
export class Cluster {
  readonly world: World;
  readonly network: Network;
  readonly zooKeeper: SimZooKeeper;
  readonly tree = new HistoryTree();
  readonly oracle: Oracle;
  readonly #options: ClusterOptions;
  readonly #parts: ServerParts;
  /** By place; undefined while nothing runs there. */
  readonly #servers: (SimServer | undefined)[] = [];
  readonly #clockRates: number[] = [];
  readonly #disks: SimDisk[] = [];
  /** By place: a server that reads its disk, and is not there yet. */
  readonly #opening: (SimProcess | undefined)[] = [];
  /** By place: what a server had executed when it ended, which must be on its disk. */
  readonly #executed: (HistoryNode | undefined)[] = [];
  readonly #clients: string[] = [];
  /**
   * The last server with the chain's state was stopped on purpose, after all others had failed; or servers that may
   * begin without the data have begun another chain.
   */
  isLost = false;
  /**
   * A person has taken away what the chain may need in order to go on: it may have to wait for ever, and a server that knows
   * nothing of it may begin another chain.
   */
  isGivenUp = false;
  readonly #leftForGood = new Set<SimServer>();
  /** Some server has said that it takes the last copy along. */
  isLastCopySaid = false;
  #starts = 0;
  /** A chain has been founded; not all servers in its record may be lost. */
  #isFounded = false;
  /** A person is to decide how the chain goes on, or has. */
  isRecoveryOrdered = false;
  #chain: ChainId | undefined;
  /** Since when no member has been in the chain, and whether there is a record. */
  #nobody: { readonly sinceMs: number; readonly hasRecord: boolean } | undefined;

  constructor(world: World, options: ClusterOptions) {
    this.world = world;
    this.#options = options;
    this.network = new Network(world);
    this.oracle = new Oracle({ world, tree: this.tree, servers: () => this.servers });
    this.zooKeeper = new SimZooKeeper(world, this.network, {
      sessionTimeoutMs: options.sessionTimeoutMs,
      replicas: options.zooKeepers ?? 3,
      firstNumber: options.firstNumber ?? 0,
      onCommit: (chain) => world.guard(() => this.#onCommit(chain)),
    });
    this.#parts = {
      world,
      network: this.network,
      tree: this.tree,
      sessionTimeoutMs: options.sessionTimeoutMs,
      observer: {
        onHandled: (server, event) => this.oracle.onHandled(server, event),
        onEffect: (server, effect) => {
          this.oracle.onEffect(server, effect);
          options.onEffect?.(server, effect);
        },
        onExecuted: (server) => this.oracle.onExecuted(server),
        onFull: (server, write) => this.oracle.checkFull(server, write),
        onRead: (server) => this.oracle.onRead(server),
        onLeft: (server, lastCopy) => this.#onLeft(server, lastCopy),
        onStop: (server, detail) => this.#onStop(server, detail),
      },
    };
  }

  /** All running servers, including frozen ones. */
  get servers(): SimServer[] {
    return this.#servers.filter((server) => server?.process.isAlive === true) as SimServer[];
  }

  get places(): number {
    return Math.max(this.#servers.length, this.#opening.length);
  }

  /** All machines, including ZooKeeper's and the clients'. */
  get hosts(): string[] {
    return [
      ...Array.from({ length: this.places }, (_, place) => this.hostOf(place)),
      zooKeeperHost,
      ...this.#clients,
    ];
  }

  addClient(host: string): void {
    this.#clients.push(host);
  }

  isClient(host: string): boolean {
    return this.#clients.includes(host);
  }

  hostOf(place: number): string {
    return `s${place}`;
  }

  placeOf({ process }: SimServer): number {
    return Number(process.host.slice(1));
  }

  serverIn(place: number): SimServer | undefined {
    const server = this.#servers[place];
    return server?.process.isAlive ? server : undefined;
  }

  /** The disk of a place; undefined: servers keep everything in memory. */
  diskOf(place: number): SimDisk | undefined {
    if (this.#options.hasDisks !== true) return undefined;
    this.#disks[place] ??= new SimDisk(this.world);
    return this.#disks[place];
  }

  /** Ends a server at once, also one that is about to start. Returns false if there is none. */
  kill(place: number): boolean {
    const server = this.serverIn(place);
    const opening = this.#opening[place];
    this.#opening[place] = undefined;
    opening?.kill();
    if (server !== undefined) {
      this.noteExecuted(server);
      server.crash();
    }
    return server !== undefined || opening !== undefined;
  }

  /** What a member has shown to anybody must be on its disk when it starts again. */
  noteExecuted(server: SimServer): void {
    if (!server.core.isMember) return;
    let { history } = server.table;
    // An update that does not change the table is executed when that is reported.
    while (history.seq >= server.core.executed && history.update && effectOf(history.update) === 'none') {
      history = must(history.parent, 'an update has a history before it');
    }
    this.#executed[this.placeOf(server)] = history;
  }

  /** Starts a server at a place where none runs: an empty one, or with what is on its disk. */
  start(place: number): void {
    if (this.serverIn(place) !== undefined || this.#opening[place] !== undefined) return;
    if (this.isWithoutRecord && !this.isGivenUp) {
      this.world.schedule(restartMs, () => this.start(place));
      return;
    }
    const {
      Core,
      clockDrift,
      limits,
      onTotalLoss = 'wait',
      totalLossGraceMs = defaultGraceMs,
    } = this.#options;
    const { capacityBytesOf = () => 1 << 20, queueMax = 1_000, sessionTimeoutMs } = this.#options;
    const { writeTimeoutMs = 30 * sessionTimeoutMs } = this.#options;
    this.#starts += 1;
    this.#clockRates[place] ??= 1 + this.world.between(-clockDrift, clockDrift);
    const host = this.hostOf(place);
    this.world.trace(() => `start ${host}`);
    const options: ServerOptions = {
      Core,
      name: `${host}#${this.#starts}`,
      clockRate: must(this.#clockRates[place], 'every place has a clock'),
      host,
      address: `${host}:1`,
      onTotalLoss,
      totalLossGraceMs,
      limits: { ...defaultChainLimits, ...limits },
      queueMax,
      logicalCapacityBytes: capacityBytesOf(place),
      writeTimeoutMs,
      ...(this.#options.keptLogBytesMax === undefined
        ? {}
        : { keptLogBytesMax: this.#options.keptLogBytesMax }),
      ...(this.#options.logBytesMax === undefined ? {} : { logBytesMax: this.#options.logBytesMax }),
    };
    const disk = this.diskOf(place);
    if (disk === undefined) this.#servers[place] = new SimServer(this.#parts, options);
    else this.#open(place, disk, options);
  }

  #open(place: number, disk: SimDisk, options: ServerOptions): void {
    const { world, tree } = this;
    const process = new SimProcess(world, options);
    const table = newTable(this.#parts, options, process, true);
    const log = (line: string) => world.trace(() => `${options.name} disk: ${line}`);
    this.#opening[place] = process;
    openSimData({ world, process, tree, table, disk, limits: options.limits, log }).then(
      (data) => {
        if (!process.isAlive) return;
        this.#opening[place] = undefined;
        if (this.#isGivenUp(data)) {
          process.kill();
          return this.#startAfresh(place, disk);
        }
        world.guard(() => {
          const executed = this.#executed[place];
          this.#executed[place] = undefined;
          rule(executed === undefined || contains(table.history, executed), () => {
            return `${options.name} had executed update ${executed?.seq}, and has ${table.history.seq} on its disk`;
          });
          this.#servers[place] = new SimServer(this.#parts, {
            ...options,
            opened: { process, table, data, disk },
          });
        });
      },
      (error) => {
        if (!process.isAlive) return;
        process.kill();
        this.#opening[place] = undefined;
        world.guard(() => this.#onDamage(place, disk, error));
      },
    );
  }

  /** A server cannot start with its disk. */
  #onDamage(place: number, disk: SimDisk, error: unknown): void {
    const isDamage = error instanceof TableError && error.code === 'LOST';
    if (!isDamage && !(error instanceof TableError)) throw error;
    if (isDamage) {
      rule(disk.isDamaged, () => `a disk without damage is refused: ${errorText(error)}`);
      this.world.count('damaged disks');
      return this.#startAfresh(place, disk);
    }
    this.world.schedule(10 * restartMs, () => this.start(place));
  }

  /** A person has decided to go on with what other servers hold, and this one holds something else. */
  #isGivenUp({ recovered: { member, lasting } }: Data): boolean {
    const { record } = this.oracle;
    if (!this.isRecoveryOrdered || record === undefined || lasting.chain === undefined) return false;
    const isChosen = record.recovery?.from === lasting.chain && record.recovery.members.includes(member);
    return lasting.chain !== record.chain && !isChosen;
  }

  /** The person in charge takes the directory away: the others have everything. */
  #startAfresh(place: number, disk: SimDisk): void {
    disk.erase();
    this.#executed[place] = undefined;
    this.world.schedule(10 * restartMs, () => this.start(place));
  }

  /** Tells a server to leave the chain, and not to come back by itself. */
  leaveForGood(server: SimServer): void {
    this.#leftForGood.add(server);
    server.leave();
  }

  /** Starts a server at a new place; returns false if there are enough. */
  startAnother(): boolean {
    if (this.places >= this.#options.placesMax || (this.isWithoutRecord && !this.isGivenUp)) return false;
    this.start(this.places);
    return true;
  }

  /** ZooKeeper has lost its data, and no server that holds the chain's data has written the record again. */
  get isWithoutRecord(): boolean {
    return this.#isFounded && this.oracle.record === undefined;
  }

  /** Whether the state of the chain survives without this server: another member runs, and is not leaving. */
  canLose(server: SimServer): boolean {
    const { record } = this.oracle;
    // A server in the view may be writing the first record, which would name only that server.
    if (record === undefined) {
      const { servers } = this.zooKeeper.chain.view;
      return !this.#isFounded && !servers.some(({ session }) => session === server.session);
    }
    // A member whose session has ended may be about to leave the record, and does not count.
    const { servers } = this.zooKeeper.chain.view;
    const present = record.members.filter(({ id }) => servers.some((entry) => entry.id === id));
    return this.servers.some((other) => {
      return other !== server && !other.isLeaving && present.some(({ member }) => member === other.member);
    });
  }

  /**
   * Whether ZooKeeper may lose its data. All servers must run for which others would wait: the last members that each
   * server knows of. And every server must know of the chain, also one that still reads its disk: an empty server cannot tell such
   * a ZooKeeper from a new one, and would found another chain (part4/README.md#member-foreign).
   */
  canLoseZooKeeper(): boolean {
    const { record } = this.oracle;
    const { servers } = this;
    if (record === undefined || this.#opening.some((process) => process !== undefined)) return false;
    const members = servers.filter((server) => isNamed(record, server.member));
    return (
      members.length === record.members.length &&
      members.every((server) => server.recordSerial === record.serial && !server.isLeaving) &&
      servers.every((server) => server.core.chain === record.chain)
    );
  }

  /** Cuts paths between machines for a while; either side may give up connections over them. */
  cut(ways: readonly (readonly [from: string, to: string])[], durationMs: number): void {
    for (const [from, to] of ways) {
      this.network.cut(from, to);
      for (const end of [...this.network.between(from, to), ...this.network.between(to, from)]) {
        if (this.world.oneIn(2)) continue;
        this.world.schedule(this.world.between(0, 2 * durationMs), () => {
          if (this.network.isCut(from, to)) end.break('silence');
        });
      }
      this.world.schedule(durationMs, () => this.network.mend(from, to));
    }
  }

  /** Ends all faults, and starts every server that is not running. */
  heal(): void {
    this.network.mendAll();
    if (!this.zooKeeper.isUp) this.zooKeeper.comeUp({ wiped: false });
    this.zooKeeper.mend();
    for (let place = 0; place < this.places; place += 1) {
      this.diskOf(place)?.mend();
      this.start(place);
    }
    for (const server of this.servers) {
      server.process.wake();
      server.table.slowness = 1;
    }
  }

  /** Whether all running servers are in the chain and its record, at the same point of the same history. */
  get isQuiet(): boolean {
    const { chain: state } = this.zooKeeper;
    const { servers } = this;
    const histories = new Set(servers.map(({ table }) => table.history));
    return (
      this.#opening.every((process) => process === undefined) &&
      state.joining.length === 0 &&
      state.view.servers.length === servers.length &&
      histories.size === 1 &&
      servers.every(({ core }) => core.isMember && core.view?.version === state.view.version) &&
      servers.some((server) => server.servesReads) &&
      servers.some((server) => server.takesWrites)
    );
  }

  /** Describes the state of all servers. */
  describe(): string {
    const { chain: state } = this.zooKeeper;
    const servers = this.servers.map(({ name, core, table, session, process }) => {
      const place = core.id === undefined ? 'outside' : `server ${core.id} of view ${core.view?.version}`;
      const flags = [core.isMember && 'member', process.isFrozen && 'frozen'].filter(Boolean).join(' ');
      const { received, stable } = core;
      return `${name} ${place} ${flags} session ${session?.slice(0, 4)} received ${received} executed ${table.executed} stable ${stable}`;
    });
    const view = state.view.servers.map(({ id, session }) => `${id}/${session.slice(0, 4)}`).join();
    const joining = state.joining.map(({ id, session }) => `${id}/${session.slice(0, 4)}`).join();
    return [
      `view ${state.view.version}: ${view}; waiting ${joining}; record ${JSON.stringify(state.record)}`,
      ...servers,
    ].join('\n');
  }

  #onCommit(chain: ChainInZnodes): void {
    const { record } = chain;
    this.#isFounded ||= record !== undefined;
    this.#chain ??= record?.chain;
    if (record !== undefined && record.chain !== this.#chain) {
      if (!this.isRecoveryOrdered || record.recovery?.from !== this.#chain) return this.#onOtherChain();
      this.tree.goOnAs(must(this.#chain, 'it goes on with a chain'), record.chain);
      this.#chain = record.chain;
      this.world.count('recovered');
    }
    this.#noteAbsence(chain);
    this.oracle.onRecord(record);
  }

  #noteAbsence({ record, view }: ChainInZnodes): void {
    const hasRecord = record !== undefined;
    if (hasRecord && presentMembers(record, view).length > 0) this.#nobody = undefined;
    else if (this.#nobody?.hasRecord !== hasRecord) this.#nobody = { sinceMs: this.world.now, hasRecord };
  }

  /** The servers that hold the data must have had time to return (part4/README.md#member-total-loss). */
  #onOtherChain(): void {
    if (this.isGivenUp) {
      this.isLost = true;
      return;
    }
    const { onTotalLoss = 'wait', totalLossGraceMs = defaultGraceMs } = this.#options;
    const { sessionTimeoutMs, clockDrift } = this.#options;
    rule(onTotalLoss === 'start-empty', () => 'another chain is begun unasked');
    const { sinceMs, hasRecord } = must(this.#nobody, 'a member would have gone on with the chain');
    // The numbers of the hand-out's rule; the code under test has its own.
    const leastMs = Math.max(totalLossGraceMs, (hasRecord ? 2.5 : 11) * sessionTimeoutMs);
    const graceMs = leastMs / (1 + clockDrift);
    const goneMs = this.world.now - sinceMs;
    rule(goneMs >= graceMs, () => `another chain is begun ${goneMs} ms after the last member was there`);
    this.isLost = true;
  }

  #isLast(server: SimServer): boolean {
    const { record } = this.oracle;
    if (record === undefined || !isNamed(record, server.member)) return false;
    return !this.servers.some((other) => other !== server && isNamed(record, other.member));
  }

  #onLeft(server: SimServer, lastCopy: LastCopy | undefined): void {
    rule(server.isLeaving, () => `${server.name} leaves unasked`);
    this.isLastCopySaid ||= lastCopy !== undefined;
    const isLast = this.#isLast(server);
    this.isLost ||= isLast;
    const { record, view } = this.zooKeeper.chain;
    const isEmpty = server.table.history.contents.size === 0;
    // A member that has crashed is in the view until its session ends.
    if (isLast && !isEmpty && record !== undefined && presentMembers(record, view).length === 0) {
      rule(this.isLastCopySaid, () => `${server.name} takes the last copy along without a word`);
    }
    if (this.#leftForGood.has(server)) return;
    this.world.schedule(this.#options.returnMs ?? 500, () => this.start(this.placeOf(server)));
  }

  /** It must not hold data of this chain: another server may have to wait for it. */
  #isTooSmall(server: SimServer): boolean {
    const { record } = this.oracle;
    if (record === undefined || isNamed(record, server.member)) return false;
    return server.table.capacityBytes < record.capacityBytes;
  }

  #onStop(server: SimServer, detail: string): void {
    const { onStop } = this.#options;
    if (this.#isTooSmall(server)) return this.world.count('servers too small');
    if (this.diskOf(this.placeOf(server))?.hasFailed === true) {
      this.world.count('failed disks');
      this.noteExecuted(server);
      this.world.schedule(10 * restartMs, () => this.start(this.placeOf(server)));
      return;
    }
    if (onStop === undefined) throw new RuleBroken(`${server.name} stops: ${detail}`);
    onStop(server, detail);
  }
}
