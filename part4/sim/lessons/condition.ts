import { unreachable } from '@tablelab/shared';
import { roleOf } from '../../src/status/role.ts';
import type { DirectedRun } from '../directed/directed-run.ts';
import { describeOutcome, valueText } from '../directed/hand-client.ts';
import type { HistoryNode } from '../history-tree.ts';
import { contentOf } from '../message-content.ts';
import type { SimServer } from '../server.ts';

/** What a server is: its role in the chain, or the state of its process. */
export type ServerFact =
  | ReturnType<typeof roleOf>
  | 'running'
  | 'paused'
  /** It would answer a read, or number a write, now. */
  | 'serving-reads'
  | 'taking-writes';

/** Something that is true of a run at one moment, or is not. Plain data. */
export type Condition =
  /** All running servers are in the chain with the same history, and all calls have their answers. */
  | { readonly is: 'quiet' }
  /** The step has lasted so long. */
  | { readonly is: 'passed'; readonly ms: number }
  | { readonly is: 'answered'; readonly call: string }
  /** The answer to a call begins with this text: `COMMITTED as 0:2`, `value x`, `no such key`, or an error's code. */
  | { readonly is: 'answer'; readonly call: string; readonly text: string }
  | { readonly is: 'server'; readonly server: string; readonly fact: ServerFact }
  /** A server's table has this value under the key; without `value`, it does not have the key. */
  | { readonly is: 'entry'; readonly server: string; readonly key: string; readonly value?: string }
  /** The values of all puts that a server has executed, in order. */
  | { readonly is: 'puts'; readonly server: string; readonly values: readonly string[] }
  | { readonly is: 'under-way'; readonly from: string; readonly to: string; readonly type: string }
  /** The number of servers under `/chain`, or under `/chain-joining`. */
  | { readonly is: 'in-chain' | 'joining'; readonly servers: number }
  /** Messages of this type, or of any type, that a server has handled since the lesson began: at least so many. */
  | { readonly is: 'handled'; readonly server: string; readonly event: string; readonly times: number }
  /** A rule was broken, whose text matches this pattern. */
  | { readonly is: 'broken'; readonly rule: string }
  | { readonly is: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly is: 'not'; readonly of: Condition };

/** What conditions are asked about. */
export interface Situation {
  readonly run: DirectedRun;
  /** When the present step began, in milliseconds. */
  readonly stepAtMs: number;
  /** The rule that was broken, which has ended the run. */
  readonly broken: string | undefined;
}

export function holds(condition: Condition, situation: Situation): boolean {
  const { run, stepAtMs, broken } = situation;
  const { cluster, hands, world } = run;
  const { zooKeeper } = cluster;
  switch (condition.is) {
    case 'quiet':
      return cluster.isQuiet && hands.areCallsDone;
    case 'passed':
      return world.now >= stepAtMs + condition.ms;
    case 'answered':
      return hands.answerTo(condition.call)?.outcome !== undefined;
    case 'answer': {
      const outcome = hands.answerTo(condition.call)?.outcome;
      return outcome !== undefined && describeOutcome(outcome).startsWith(condition.text);
    }
    case 'server':
      return isSo(serverIn(run, condition.server), condition.fact);
    case 'entry': {
      const value = serverIn(run, condition.server)?.table.contents.get(condition.key);
      return (value === undefined ? undefined : valueText(value)) === condition.value;
    }
    case 'puts': {
      const history = serverIn(run, condition.server)?.table.history;
      return history !== undefined && putsIn(history).join('\n') === condition.values.join('\n');
    }
    case 'under-way':
      return [...cluster.network.underWay()].some((flight) => {
        if (flight.from !== condition.from || flight.to !== condition.to || flight.item.isLost) return false;
        return contentOf(flight).some(({ type }) => type === condition.type);
      });
    case 'in-chain':
      return zooKeeper.chain.view.servers.length === condition.servers;
    case 'joining':
      return zooKeeper.chain.joining.length === condition.servers;
    case 'handled': {
      const beginning = new RegExp(`^[\\d.]+ ${condition.server}#\\d+ < ${condition.event}`);
      return world.lines.filter((line) => beginning.test(line)).length >= condition.times;
    }
    case 'broken':
      return broken !== undefined && new RegExp(condition.rule).test(broken);
    case 'all':
      return condition.of.every((one) => holds(one, situation));
    case 'any':
      return condition.of.some((one) => holds(one, situation));
    case 'not':
      return !holds(condition.of, situation);
    default:
      return unreachable(condition);
  }
}

function serverIn({ cluster }: DirectedRun, host: string): SimServer | undefined {
  return cluster.servers.find(({ process }) => process.host === host);
}

function isSo(server: SimServer | undefined, fact: ServerFact): boolean {
  if (server === undefined) return false;
  switch (fact) {
    case 'running':
      return true;
    case 'paused':
      return server.process.isFrozen;
    case 'serving-reads':
      return !server.process.isFrozen && server.servesReads;
    case 'taking-writes':
      return !server.process.isFrozen && server.takesWrites;
    default:
      return roleOf(server.core) === fact;
  }
}

function putsIn(history: HistoryNode): string[] {
  const values: string[] = [];
  for (let node: HistoryNode | undefined = history; node !== undefined; node = node.parent) {
    if (node.update?.op === 'put') values.push(valueText(node.update.data));
  }
  return values.reverse();
}
