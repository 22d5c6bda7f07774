import { seededRandom } from '@tablelab/shared';

/** A configuration's hash is so many words, of 32 bits each. */
const hashWords = 3;

/** How many configurations there is room for at first. */
const slotsMin = 1_024;

/** At most this share of the slots is in use. */
const loadMax = 0.5;

/**
 * The hash of a set that changes by one member at a time (A. Zobrist, 1970): the exclusive or of a random number for each
 * member. To add a member or to remove it takes the same short time, however large the set is.
 */
export class SetHash {
  readonly words = new Int32Array(hashWords);
  readonly #numbers: Int32Array;

  /** @param members numbers from 0 up to this one. The seed makes two sets of members differ. */
  constructor(members: number, seed: number) {
    const random = seededRandom(seed);
    this.#numbers = Int32Array.from({ length: members * hashWords }, () => random.int(2 ** 32));
  }

  /** Adds the member, or removes it. */
  toggle(member: number): void {
    for (let word = 0; word < hashWords; word += 1) {
      this.words[word] = (this.words[word] as number) ^ (this.#numbers[member * hashWords + word] as number);
    }
  }
}

/**
 * The configurations that a search has met, each as the 96 bits of its hash in a table with open addressing. So each takes
 * 24 to 48 bytes, however large the state is, and the number of the search's steps limits the memory. That two of the millions
 * that a search may meet have the same hash is less likely than 10^-14.
 */
export class Configurations {
  #slots = new Int32Array(slotsMin * hashWords);
  #size = 0;

  /** Adds the configuration whose taken steps and state have these hashes; returns whether it was there already. */
  isKnown(taken: SetHash, state: SetHash): boolean {
    const hash = taken.words.map((word, index) => word ^ (state.words[index] as number));
    // All zeros stands for an empty slot.
    if (hash.every((word) => word === 0)) hash[0] = 1;
    if (!put(this.#slots, hash)) return true;
    this.#size += 1;
    if (this.#size * hashWords > this.#slots.length * loadMax) this.#grow();
    return false;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += hashWords) {
      const hash = old.subarray(at, at + hashWords);
      if (hash.some((word) => word !== 0)) put(this.#slots, hash);
    }
  }
}

/** Says whether the hash was new. */
function put(slots: Int32Array, hash: Int32Array): boolean {
  const count = slots.length / hashWords;
  for (let slot = (hash[0] as number) & (count - 1); ; slot = (slot + 1) & (count - 1)) {
    const at = slot * hashWords;
    let isEmpty = true;
    let isSame = true;
    for (let word = 0; word < hashWords; word += 1) {
      const found = slots[at + word];
      if (found !== 0) isEmpty = false;
      if (found !== hash[word]) isSame = false;
    }
    if (isSame) return false;
    if (isEmpty) {
      slots.set(hash, at);
      return true;
    }
  }
}
