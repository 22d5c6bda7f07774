import { type Answer, type Command, operations } from '@tablelab/part2';
import type { DumpHeader } from '../dump/dump-file.ts';
import { dumpTable } from '../dump/dump-table.ts';
import { loadTable } from '../dump/load-table.ts';
import { type ChainServers, type ListedServer, statusOf } from '../status/chain-servers.ts';
import type { ServerStatus } from '../status/server-status.ts';
import type { ChainTable } from './chain-table.ts';
import { durationText, grouped, ProgressLine, type ProgressOutput } from './progress-line.ts';
import { watchCommand } from './watch-command.ts';

const msPerSecond = 1_000;

/** The commands of the client program with which one looks after a chain. `progress`: where dump and load show how far they are. */
export function operatorCommands(progress: ProgressOutput): readonly Command<ChainTable>[] {
  return [
    {
      name: 'chain',
      parameters: [],
      summary: 'show the servers, head first, and those that wait to join',
      async run(table) {
        const servers = await table.servers();
        return { text: chainText(servers), json: { ...servers } };
      },
    },
    {
      name: 'stats',
      parameters: [],
      summary: operations.status.summary,
      async run(table) {
        const servers = await table.servers();
        return { text: statsText(servers), json: { ...servers } };
      },
    },
    watchCommand,
    {
      name: 'dump',
      parameters: ['file'],
      summary:
        'write all entries as of one moment to a file: lines of JSON if it ends in .jsonl, otherwise binary',
      run: (table, { words: [path = ''] }) => dump(table, path, progress),
    },
    {
      name: 'load',
      parameters: ['file'],
      summary: 'put all entries of a dump; after an interruption, the same command goes on',
      run: (table, { words: [path = ''] }) => load(table, path, progress),
    },
  ];
}

async function dump(table: ChainTable, path: string, output: ProgressOutput): Promise<Answer> {
  const line = new ProgressLine(output);
  const body: DumpHeader['body'] = path.endsWith('.jsonl') ? 'lines' : 'binary';
  try {
    const header = await dumpTable(table, {
      path,
      body,
      onProgress: (step, done, total) => line.show(step, done, total),
    });
    line.end();
    const text = `${grouped(header.entries)} entries, as of ${grouped(header.updates)} updates, are in ${path}`;
    return { text, json: { ...header, file: path } };
  } finally {
    line.end();
  }
}

async function load(table: ChainTable, path: string, output: ProgressOutput): Promise<Answer> {
  const line = new ProgressLine(output);
  try {
    const onProgress = (step: string, done: number, total: number) => line.show(step, done, total);
    const { entries, before } = await loadTable({ chain: table.options, path, onProgress });
    line.end();
    const earlier = before === 0 ? '' : `, ${grouped(before)} of them by an earlier load`;
    return {
      text: `${grouped(entries)} entries are loaded${earlier}`,
      json: { entries, before, file: path },
    };
  } finally {
    line.end();
  }
}

/** One line for the chain, and one for each server. */
function chainText({ chain, viewVersion, servers }: ChainServers): string {
  const inChain = servers.filter(({ id }) => id !== undefined).length;
  const title =
    chain === undefined
      ? 'no chain has been begun, or its record cannot be read'
      : `chain ${chain}, view ${viewVersion}, servers in it: ${inChain}`;
  return [title, ...table(servers.map((server) => [...placeColumns(server), ...standing(server)]))].join(
    '\n',
  );
}

function placeColumns({ role, id, address }: ListedServer): string[] {
  const place = role === 'alone' ? 'head and tail' : role;
  return [place, id === undefined ? '' : `server ${id}`, address];
}

function standing(server: ListedServer): string[] {
  const status = statusOf(server);
  if (status === undefined)
    return ['trouble' in server.answer ? `does not answer: ${server.answer.trouble}` : ''];
  const { leaseMs, upMs, obstacle } = status;
  const behind = server.behind === undefined ? '' : `${grouped(server.behind)} behind`;
  const lease = `lease ${(leaseMs / msPerSecond).toFixed(1)} s`;
  const up = `up ${durationText(upMs / msPerSecond)}`;
  return [[behind, lease, up, obstacle].filter((text) => text !== '' && text !== null).join(', ')];
}

/** A column for each server that answers. */
function statsText({ servers }: ChainServers): string {
  const answering = servers.flatMap((server) => {
    const status = statusOf(server);
    return status === undefined ? [] : [{ ...server, status }];
  });
  const rows: readonly (readonly [string, (status: ServerStatus) => string])[] = [
    ['entries', ({ entries }) => grouped(entries)],
    ['table, bytes', ({ tableBytes }) => grouped(tableBytes)],
    ['updates received', ({ received }) => grouped(received)],
    ['updates executed', ({ executed }) => grouped(executed)],
    ['executed by all', ({ stable }) => grouped(stable)],
    ['not by all, bytes', ({ unsettledBytes }) => grouped(unsettledBytes)],
    ['client sessions', ({ sessions }) => grouped(sessions)],
    ['lease left, ms', ({ leaseMs }) => grouped(leaseMs)],
    ['up', ({ upMs }) => durationText(upMs / msPerSecond)],
  ];
  if (answering.length === 0) return 'no server answers';
  return table([
    ['', ...answering.map(({ role }) => (role === 'alone' ? 'head and tail' : role))],
    ['', ...answering.map(({ address }) => address)],
    ...rows.map(([name, of]) => [name, ...answering.map(({ status }) => of(status))]),
  ]).join('\n');
}

/** Columns of equal width. */
function table(rows: readonly (readonly string[])[]): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
