import type { JoiningData, JoiningServer } from '../src/core/directory.ts';
import type { MembershipRecord } from '../src/core/membership-record.ts';
import type { ServerEntry, View } from '../src/core/view.ts';
import { childrenOf, type Znode, type Znodes } from './znodes.ts';

/** The chain in ZooKeeper at one moment, for the simulator's checks and its output. */
export interface ChainInZnodes {
  /** Sorted by id. */
  readonly joining: readonly JoiningServer[];
  readonly view: View;
  readonly record: MembershipRecord | undefined;
}

const read = new WeakMap<Znodes, ChainInZnodes>();

export function chainIn(znodes: Znodes): ChainInZnodes {
  const known = read.get(znodes);
  if (known !== undefined) return known;
  const chain = znodes.get('/chain');
  const found: ChainInZnodes = {
    joining: serversIn(znodes, '/chain-joining', ({ data, owner }, id) => {
      return { ...(JSON.parse(textIn(data)) as JoiningData), id, session: owner };
    }),
    view: {
      version: chain?.childrenVersion ?? -1,
      servers: serversIn(znodes, '/chain', ({ data, owner }, id): ServerEntry => {
        return { id, address: textIn(data), session: owner };
      }),
    },
    record:
      chain === undefined || chain.data.length === 0
        ? undefined
        : (JSON.parse(textIn(chain.data)) as MembershipRecord),
  };
  read.set(znodes, found);
  return found;
}

function serversIn<T extends { readonly id: number }>(
  znodes: Znodes,
  parent: string,
  understand: (znode: Znode, id: number) => T,
): T[] {
  const servers: T[] = [];
  for (const name of childrenOf(znodes, parent)) {
    const znode = znodes.get(`${parent}/${name}`);
    if (znode !== undefined) servers.push(understand(znode, Number(name.slice('node'.length))));
  }
  return servers.sort((one, other) => one.id - other.id);
}

const decoder = new TextDecoder();

function textIn(data: Uint8Array): string {
  return decoder.decode(data);
}
