import { randomBytes } from 'node:crypto';
import type { Randomness } from '../../ports.ts';

export const nodeRandomness: Randomness = {
  hex: (digits) =>
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
  fraction: Math.random,
};
