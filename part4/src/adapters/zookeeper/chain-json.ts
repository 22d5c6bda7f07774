import { TableError } from '@tablelab/shared';
import { z } from 'zod';
import type { JoiningData, JoiningServer } from '../../core/directory.ts';
import { type MembershipRecord, notEntered } from '../../core/membership-record.ts';
import type { ServerEntry } from '../../core/view.ts';
import type { NumberedChild } from './numbered-children.ts';
import { isAddress } from './server-addresses.ts';

/** The data of a chain's znodes as bytes: a server's address as plain text, everything else as JSON. */

const count = z.int().min(0);
const name = z.string().regex(/^[0-9a-f]{16}$/, 'not 16 hexadecimal digits');
const address = z.string().refine(isAddress, 'no address, host:port');

const recordSchema = z.object({
  chain: name,
  epochBase: count,
  serial: count,
  view: count,
  capacityBytes: count,
  members: z.array(z.object({ id: z.int().min(notEntered), member: name })).min(1),
  recovery: z.object({ from: name.nullable(), members: z.array(name) }).exactOptional(),
}) satisfies z.ZodType<MembershipRecord>;

const joiningSchema = z.object({
  address,
  member: name,
  state: z
    .object({
      chain: name,
      serial: count,
      members: z.array(name),
      received: count,
      nextEpoch: count,
      capacityBytes: count,
    })
    .nullable(),
}) satisfies z.ZodType<JoiningData>;

export function recordToBytes(record: MembershipRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/**
 * The membership record in the data of `/chain`; undefined if the data is empty.
 * @throws TableError BAD_REQUEST for data that is not a record
 */
export function recordFromBytes(data: Uint8Array): MembershipRecord | undefined {
  return data.length === 0 ? undefined : parsed('the membership record', recordSchema, data);
}

export function joiningToBytes(joining: JoiningData): Uint8Array {
  return Buffer.from(JSON.stringify(joining));
}

/** @throws TableError BAD_REQUEST for data that does not describe a joining server */
export function joiningFromBytes(data: Uint8Array): JoiningData {
  return parsed('what a joining server says', joiningSchema, data);
}

/** @throws TableError BAD_REQUEST for a znode that no joining server has made */
export function joiningOfChild({ id, data, session }: NumberedChild): JoiningServer {
  return { ...joiningFromBytes(data), id, session };
}

/** The owner of a znode that is not ephemeral. */
const noSession = '0'.repeat(16);

/** @throws TableError BAD_REQUEST for a znode that no server has made */
export function serverOfChild({ id, data, session }: NumberedChild): ServerEntry {
  if (session === noSession) {
    throw new TableError('BAD_REQUEST', 'it is not ephemeral, so it is not a server’s');
  }
  const text = Buffer.from(data).toString();
  if (!isAddress(text)) {
    throw new TableError('BAD_REQUEST', `its data is no address: "${text.slice(0, 60)}"`);
  }
  return { id, address: text, session };
}

/** @throws TableError BAD_REQUEST, which lists the malformed fields */
function parsed<T>(what: string, schema: z.ZodType<T>, data: Uint8Array): T {
  const { success, data: value, error } = schema.safeParse(jsonIn(what, data));
  if (success) return value;
  const issues = error.issues.map(({ path, message }) => `${path.join('.') || 'all of it'}: ${message}`);
  throw new TableError('BAD_REQUEST', `${what} is malformed: ${issues.join('; ')}`, { cause: error });
}

function jsonIn(what: string, data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch (cause) {
    throw new TableError('BAD_REQUEST', `${what} is no JSON`, { cause });
  }
}
