import { TableError } from '@tablelab/shared';
import type { HeldState, WaitingData } from '../../core/directory.ts';
import type { Member, MembershipRecord } from '../../core/membership-record.ts';
import type { ServerEntry } from '../../core/view.ts';
import type { NumberedChild } from './numbered-children.ts';
import { isAddress } from './server-addresses.ts';

/** What the znodes of a chain hold, as bytes: a server's address as it is, all else as JSON. */

export function recordToBytes(record: MembershipRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/**
 * The membership record that the data of `/chain` are; undefined where there are none.
 * @throws TableError BAD_REQUEST for data that are no record
 */
export function recordFromBytes(data: Uint8Array): MembershipRecord | undefined {
  if (data.length === 0) return undefined;
  const fields = new Fields('the membership record', data);
  return {
    chain: fields.name('chain'),
    epochBase: fields.count('epochBase'),
    serial: fields.count('serial'),
    view: fields.count('view'),
    capacityBytes: fields.count('capacityBytes'),
    members: fields.list(
      'members',
      { atLeast: 1 },
      (member): Member => ({
        id: member.count('id'),
        member: member.name('member'),
      }),
    ),
  };
}

export function waitingToBytes(waiting: WaitingData): Uint8Array {
  return Buffer.from(JSON.stringify(waiting));
}

/** @throws TableError BAD_REQUEST for data that do not describe a waiting server */
export function waitingFromBytes(data: Uint8Array): WaitingData {
  const fields = new Fields('what a waiting server says', data);
  return {
    address: fields.address('address'),
    member: fields.name('member'),
    state: fields.orNull(
      'state',
      (state): HeldState => ({
        chain: state.name('chain'),
        serial: state.count('serial'),
        members: state.list('members', { atLeast: 0 }, (member) => member.asName()),
      }),
    ),
  };
}

/** @throws TableError BAD_REQUEST for data that are no address */
export function serverOfChild({ id, data, session }: NumberedChild): ServerEntry {
  const address = Buffer.from(data).toString();
  if (!isAddress(address)) {
    throw new TableError('BAD_REQUEST', `its data is no address: "${address.slice(0, 60)}"`);
  }
  return { id, address, session };
}

/** A value out of JSON, and where it stands, for whoever has to read the error. */
class Fields {
  readonly #where: string;
  readonly #value: unknown;

  constructor(where: string, source: Uint8Array | { readonly value: unknown }) {
    this.#where = where;
    this.#value = source instanceof Uint8Array ? parse(where, source) : source.value;
  }

  count(name: string): number {
    const value = this.#field(name).#value;
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    throw this.#malformed(name, 'a whole number from 0 up');
  }

  name(name: string): string {
    return this.#field(name).asName();
  }

  asName(): string {
    if (typeof this.#value === 'string' && /^[0-9a-f]{16}$/.test(this.#value)) return this.#value;
    throw new TableError('BAD_REQUEST', `${this.#where} is not 16 hexadecimal digits`);
  }

  address(name: string): string {
    const value = this.#field(name).#value;
    if (typeof value === 'string' && isAddress(value)) return value;
    throw this.#malformed(name, 'an address, host:port');
  }

  list<T>(name: string, { atLeast }: { atLeast: number }, item: (fields: Fields) => T): T[] {
    const value = this.#field(name).#value;
    if (!Array.isArray(value) || value.length < atLeast) {
      throw this.#malformed(name, `a list with at least ${atLeast} entries`);
    }
    return value.map((one, index) => item(new Fields(`${name}[${index}] of ${this.#where}`, { value: one })));
  }

  orNull<T>(name: string, read: (fields: Fields) => T): T | null {
    const field = this.#field(name);
    return field.#value === null ? null : read(field);
  }

  #field(name: string): Fields {
    const value = this.#value;
    if (typeof value !== 'object' || value === null) {
      throw new TableError('BAD_REQUEST', `${this.#where} is no object of JSON`);
    }
    return new Fields(`${name} of ${this.#where}`, {
      value: Object.entries(value).find(([key]) => key === name)?.[1],
    });
  }

  #malformed(name: string, expected: string): TableError {
    return new TableError('BAD_REQUEST', `${name} of ${this.#where} is not ${expected}`);
  }
}

function parse(where: string, data: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch (cause) {
    throw new TableError('BAD_REQUEST', `${where} is no JSON`, { cause });
  }
}
