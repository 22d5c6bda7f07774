import type { Operation } from '../../linearizability/index.ts';

export const at = (call: number, end: number) => ({ client: 1, call, return: end, outcome: 'ok' }) as const;
export const open = (call: number) => ({ client: 1, call, outcome: 'may-have-happened' }) as const;
export const put = (value: number) => ({ kind: 'put', key: 'a', value }) as const;
export const get = (result?: number) => ({ kind: 'get', key: 'a', result }) as const;
export const del = (result?: boolean) => ({ kind: 'del', key: 'a', result }) as const;
const size = (result: number) => ({ kind: 'size', result }) as const;
const keys = (...result: string[]) => ({ kind: 'keys', result }) as const;

export const good: Record<string, Operation[]> = {
  'nothing at all': [],
  'a read of what was written': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...get(1) },
  ],
  'a read beside a write, before it': [
    { ...at(0, 5), ...put(1) },
    { ...at(1, 2), ...get() },
  ],
  'a read beside a write, after it': [
    { ...at(0, 5), ...put(1) },
    { ...at(1, 2), ...get(1) },
  ],
  'touching intervals overlap': [
    { ...at(0, 2), ...get(1) },
    { ...at(2, 3), ...put(1) },
  ],
  'a delete that does not say': [
    { ...at(0, 1), ...del() },
    { ...at(2, 3), ...get() },
  ],
  'a lost write that may have happened': [
    { ...open(0), ...put(1) },
    { ...at(2, 3), ...get() },
  ],
  'a late write that may have happened': [
    { ...open(0), ...put(1) },
    { ...at(2, 3), ...get() },
    { ...at(4, 5), ...get(1) },
  ],
  'a late delete that may have happened': [
    { ...at(0, 1), ...put(1) },
    { ...open(1), kind: 'del', key: 'a' },
    { ...at(2, 3), ...get(1) },
    { ...at(4, 5), ...get() },
  ],
  'an open write that a delete found': [
    { ...open(0), ...put(1) },
    { ...at(2, 3), ...del(true) },
  ],
  'reads that may have happened': [
    { ...open(0), kind: 'size' },
    { ...open(0), kind: 'keys' },
  ],
  'sizes and keys': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...size(1) },
    { ...at(4, 9), ...del(true) },
    { ...at(5, 6), ...keys('a') },
    { ...at(7, 8), ...size(0) },
  ],
};

export const bad: Record<string, Operation[]> = {
  'a stale read': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...put(2) },
    { ...at(4, 5), ...get(1) },
  ],
  'a lost write': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...get() },
  ],
  'a value never written': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...get(7) },
  ],
  'a write that did not happen': [
    { client: 1, call: 0, outcome: 'did-not-happen', ...put(1) },
    { ...at(2, 3), ...get(1) },
  ],
  'a resurrected delete': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...del(true) },
    { ...at(4, 5), ...get(1) },
  ],
  'a double execution': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...put(2) },
    { ...at(4, 5), ...get(2) },
    { ...at(6, 7), ...get(1) },
  ],
  'an open write executed twice': [
    { ...open(0), ...put(1) },
    { ...at(1, 2), ...get(1) },
    { ...at(3, 4), ...put(2) },
    { ...at(5, 6), ...get(1) },
  ],
  'reads going back': [
    { ...at(0, 9), ...put(1) },
    { ...at(1, 2), ...get(1) },
    { ...at(3, 4), ...get() },
  ],
  'a delete of nothing that was there': [{ ...at(0, 1), ...del(true) }],
  'a delete that found nothing': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...del(false) },
  ],
  'an effect before its call': [
    { ...at(0, 1), ...get(1) },
    { ...open(2), ...put(1) },
  ],
  'a wrong size': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...size(2) },
  ],
  'a key that is missing': [
    { ...at(0, 1), ...put(1) },
    { ...at(2, 3), ...keys() },
  ],
  'a key that nobody put': [{ ...at(0, 1), ...keys('b') }],
  'a key twice': [
    { ...at(0, 1), ...put(1) },
    { ...at(0, 1), kind: 'put', key: 'b', value: 1 },
    { ...at(2, 3), ...keys('a', 'a') },
  ],
  'sizes that no one order of two keys explains': [
    { ...at(0, 1), kind: 'put', key: 'b', value: 1 },
    { ...at(2, 9), ...put(1) },
    { ...at(2, 9), kind: 'del', key: 'b', result: true },
    { ...at(3, 4), ...size(2) },
    { ...at(5, 6), ...size(0) },
  ],
};
