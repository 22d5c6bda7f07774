import { z } from 'zod';

/**
 * What a person can do to a simulated chain. Machines have the names of the trace: servers are `s0`, `s1` and so on, in the
 * order of their first start, ZooKeeper is `zk`, and clients have the names that their operations give.
 *
 * A message travels on an ordered stream of bytes, as over TCP, which bounds what may happen to one:
 * - `deliver`: it arrives now, after those that were sent before it over the same connection.
 * - `delay`: it arrives `ms` from now at the earliest, and so does everything that was sent after it over the connection.
 * - `drop`: it never arrives. A stream cannot go on without it, so the sender finds the connection broken, and everything is lost
 *   that it sent later over this connection.
 * - `duplicate`: it arrives now, and the sender finds the connection broken before it can know that. So the protocol sends what
 *   it has to over the next connection: a client repeats its request, a server asks what its successor has received.
 */

const server = z.string().regex(/^s\d$/, 'expected a server, s0 to s9');
const host = z
  .string()
  .regex(/^[a-z]{1,12}\d{0,2}$/, 'expected a machine, such as s0, zk or the name of a client');
const client = z
  .string()
  .regex(/^[a-z]{1,12}$/, 'expected the name of a client, up to 12 letters from a to z');
const label = z.string().regex(/^\w{1,12}$/, 'expected a label, up to 12 letters and digits');
const key = z.string().regex(/^[\w.:-]{1,32}$/, 'expected a key, up to 32 letters, digits and _ . : -');
const value = z.string().min(1).max(200);
const factor = z.number().min(1).max(1_000_000);
const durationMs = z.number().min(0).max(60_000);

/** A message under way: by its number, or the first one on a path, of a type if one is given. */
const message = z.union([
  z.int().min(0),
  z.strictObject({ from: host, to: host, type: z.string().min(1).max(20).exactOptional() }),
]);

/**
 * `client`: whose call it is; default: `you`. `server`: the request goes to this server, whatever its place in the chain, and is
 * not repeated. `as`: the call's label.
 */
const call = { client: client.exactOptional(), server: server.exactOptional(), as: label.exactOptional() };

const fields = {
  kill: { server },
  restart: { server },
  pause: { server },
  resume: { server },
  join: {},
  leave: { server },
  cut: { from: host, to: host },
  heal: { from: host, to: host },
  /** The server's table takes so many times as long for everything; 1: the usual time. */
  slow: { server, factor },
  'slow-link': { from: host, to: host, factor },
  'stop-zookeeper': {},
  'start-zookeeper': {},
  /** It has lost all its data, and all sessions. */
  'wipe-zookeeper': {},
  deliver: { message },
  delay: { message, ms: durationMs },
  drop: { message },
  duplicate: { message },
  put: { key, value, ...call },
  get: { key, ...call },
  del: { key, ...call },
  verify: {
    name: z.string().regex(/^(\d{1,10}:)?\d{1,15}$/, 'expected the name of a write, epoch:number'),
    ...call,
  },
};

type Fields = typeof fields;

/** The kinds of actions. */
export const actionKinds = Object.keys(fields) as (keyof Fields)[];

/** The schema of an action, with `more` fields in each. */
export function actionSchema<More extends z.core.$ZodLooseShape>(more: More) {
  const option = <Kind extends keyof Fields>(kind: Kind) =>
    z.strictObject({ ...more, do: z.literal(kind), ...fields[kind] });
  return z.discriminatedUnion('do', [
    option('kill'),
    option('restart'),
    option('pause'),
    option('resume'),
    option('join'),
    option('leave'),
    option('cut'),
    option('heal'),
    option('slow'),
    option('slow-link'),
    option('stop-zookeeper'),
    option('start-zookeeper'),
    option('wipe-zookeeper'),
    option('deliver'),
    option('delay'),
    option('drop'),
    option('duplicate'),
    option('put'),
    option('get'),
    option('del'),
    option('verify'),
  ]);
}

const schema = actionSchema({});

export type Action = Readonly<z.infer<typeof schema>>;

/** An operation of a client. */
export type Call = Extract<Action, { do: 'put' | 'get' | 'del' | 'verify' }>;

/** Which message. */
export type MessageChoice = z.infer<typeof message>;
