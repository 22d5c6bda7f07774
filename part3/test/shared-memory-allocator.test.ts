import { syncTest, testSeed } from '@tablelab/part1/testing';
import { must } from '@tablelab/shared';
import fc from 'fast-check';
import t from 'tap';
import { Allocator, arenaBytesMax } from '../src/shared-memory/allocator.ts';
import { Arena } from '../src/shared-memory/arena.ts';
import { unitBytes } from '../src/shared-memory/block.ts';

/** The time limit for shrinking a counterexample, in milliseconds; a damaged table can take minutes. */
const shrinkTime = { interruptAfterTimeLimit: 8_000, markInterruptAsFailure: true };

/** The position of the allocator in its arena, and its cursor, see allocator.ts. */
const allocatorAt = 2;
const cursorAt = allocatorAt + 4;
const firstUnit = Math.ceil(Allocator.words / 2) + 1;

/** An allocator alone in an arena. */
function makeAllocator(bytesMax: number): { arena: Arena; allocator: Allocator } {
  const arena = Arena.create({ bytes: 2 ** 14, bytesMax });
  const allocator = new Allocator(arena, allocatorAt);
  allocator.format({ first: firstUnit, limit: bytesMax / unitBytes });
  return { arena, allocator };
}

/**
 * Visits all blocks of an arena; throws if they overlap or leave gaps, or if free blocks are neighbours. Returns the
 * free units.
 */
function checkBlocks({ arena, allocator }: ReturnType<typeof makeAllocator>, inUse: Set<number>): number {
  const { words } = arena;
  let freeUnits = 0;
  let usedUnits = 0;
  let wasFree = false;
  let block = firstUnit;
  const met = new Set<number>();
  const starts = new Set<number>();
  for (;;) {
    const header = words[block * 2] as number;
    starts.add(block);
    const isFree = (header & 1) !== 0;
    if (((header & 2) !== 0) !== wasFree) throw new Error(`block ${block} is wrong about the one before it`);
    if (isFree && wasFree) throw new Error(`free neighbours at ${block} are not joined`);
    const units = header >>> 2;
    if (units === 0) break;
    if (isFree) freeUnits += units;
    else {
      if (!inUse.has(block)) throw new Error(`block ${block} is in use, but nobody's`);
      usedUnits += units;
      met.add(block);
    }
    wasFree = isFree;
    block += units;
  }
  if (!starts.has(words[cursorAt] as number)) throw new Error('the cursor is within a block');
  if (met.size !== inUse.size) throw new Error('blocks in use overlap, or are lost');
  if (block !== words.length / 2 - 1) throw new Error('the last block does not end the arena');
  if (usedUnits * unitBytes !== allocator.usedBytes)
    throw new Error('usedBytes is not the sum of the blocks');
  return freeUnits;
}

interface Given {
  block: number;
  units: number;
  readonly mark: number;
}

syncTest(
  t,
  'allocator: blocks never overlap, free ones are merged, and all memory is freed, also after moving blocks (part3/README.md#memory-blocks, part3/README.md#memory-capacity)',
  (t) => {
    const sizes = fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 1, max: 80 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 500 }) },
    );
    const action = fc.constantFrom('free', 'shrink', 'allocate', 'allocate', 'allocate');
    const step = fc.record({ units: sizes, action, which: fc.nat() });
    let moved = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200, size: 'max' }),
        fc.integer({ min: 2 ** 14 + 8, max: 2 ** 15 }),
        (steps, bytesMax) => {
          const made = makeAllocator(bytesMax - (bytesMax % unitBytes));
          const { arena, allocator } = made;
          const given: Given[] = [];
          const owner = {
            unitsNeeded: (block: number) => Math.max(2, ownerOf(given, block).units),
            moved(from: number, to: number) {
              ownerOf(given, from).block = to;
              moved += 1;
            },
          };
          for (const [mark, { units, action, which }] of steps.entries()) {
            const at = which % Math.max(given.length, 1);
            const one = given[at];
            if (one !== undefined && action === 'free') {
              given.splice(at, 1);
              allocator.free(one.block);
            } else if (one !== undefined && action === 'shrink') {
              // Its owner needs less of it from now on.
              one.units = Math.max(1, one.units - 1);
            } else {
              const block = allocator.allocate(units) || allocator.allocateByMoving(units, owner);
              const spare =
                allocator.freeUnits + given.reduce((sum, one) => sum + spareOf(allocator, one), 0);
              if (block === 0 && spare >= Math.max(2, units))
                throw new Error(`${units} units are not had, of ${spare} that are free`);
              if (block === 0) {
                refused += 1;
              } else {
                arena.words.fill(mark, block * 2 + 1, (block + units) * 2);
                given.push({ block, units, mark });
              }
            }
            checkBlocks(made, new Set(given.map(({ block }) => block)));
            if (mark % 8 !== 0 && mark !== steps.length - 1) continue;
            for (const { block, units, mark } of given) {
              // The owner's data is unchanged: no other block overlaps, and the block was moved completely.
              const own = arena.words.subarray(block * 2 + 1, (block + units) * 2);
              if (own.some((word) => word !== mark)) throw new Error('a block has lost what was in it');
            }
          }
          for (const { block } of given) allocator.free(block);
          checkBlocks(made, new Set());
          if (allocator.usedBytes !== 0) throw new Error('not all came back');
          const all = arena.words.length / 2 - 1 - firstUnit;
          if (allocator.allocate(all) === 0) throw new Error('what came back is not one block again');
        },
      ),
      { seed: testSeed, numRuns: 400, ...shrinkTime },
    );
    t.ok(moved > 1_000, `${moved} blocks were moved`);
    t.ok(refused > 500, `${refused} blocks were not to be had`);
  },
);

syncTest(
  t,
  'allocator: the rest of the limit may be less than a block (part3/README.md#memory-limit)',
  (t) => {
    // One unit more than the initial arena: too little for a separate block.
    const made = makeAllocator(2 ** 14 + unitBytes);
    const { arena, allocator } = made;
    const all = arena.words.length / 2 - 1 - firstUnit;
    const block = allocator.allocate(all);
    t.not(block, 0);
    t.equal(allocator.allocate(1), 0, 'there is no room for another block');
    t.doesNotThrow(() => checkBlocks(made, new Set([block])));
    allocator.free(block);
    t.not(allocator.allocate(all + 1), 0, 'behind a free block the unit is of use');
  },
);

function ownerOf(given: readonly Given[], block: number): Given {
  return must(
    given.find((one) => one.block === block),
    'only blocks in use are moved',
  );
}

/** The size of a block beyond the requested one. */
function spareOf(allocator: Allocator, { block, units }: Given): number {
  return allocator.unitsOf(block) - Math.max(2, units);
}

syncTest(
  t,
  'allocator: the free block at the end is found even behind others of its class (part3/README.md#memory-limit)',
  (t) => {
    const { allocator } = makeAllocator(2 ** 14);
    // Sizes of 100 to 103 units share a class. At the end lies one of 103, freed first and so last in the list.
    const others: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      others.push(allocator.allocate(100));
      allocator.allocate(2);
    }
    t.ok(allocator.allocate(allocator.freeUnits + allocator.ungrownUnits - 103) > 0);
    for (const block of others) allocator.free(block);
    t.equal(allocator.ungrownUnits, 0);
    t.ok(allocator.allocate(102) > 0);
  },
);

syncTest(t, 'allocator: a gap before a free block is merged with it (part3/README.md#memory-blocks)', (t) => {
  const made = makeAllocator(2 ** 14 + unitBytes);
  const { allocator } = made;
  const [before, shrunk, after, last] = [5, 10, 5, 2].map((units) => allocator.allocate(units)) as [
    number,
    number,
    number,
    number,
  ];
  const rest = allocator.allocate(allocator.freeUnits + allocator.ungrownUnits);
  allocator.free(before);
  allocator.free(after);
  let moved: unknown;
  const owner = {
    unitsNeeded: (block: number) => (block === shrunk ? 5 : allocator.unitsOf(block)),
    moved: (from: number, to: number) => {
      moved = { from, to };
    },
  };
  t.equal(allocator.allocateByMoving(11, { ...owner, unitsNeeded: allocator.unitsOf.bind(allocator) }), 0);
  t.equal(moved, undefined, 'there are not so many units, and nothing was moved for nothing');
  t.equal(allocator.allocateByMoving(6, owner), before + 5);
  t.same(moved, { from: shrunk, to: before });
  t.doesNotThrow(() => checkBlocks(made, new Set([before, before + 5, last, rest])));
});

syncTest(t, 'allocator: wrong use and limits (part3/README.md#memory-limit)', (t) => {
  const { arena, allocator } = makeAllocator(2 ** 17);
  t.throws(() => allocator.format({ first: 0, limit: 2 ** 14 }), /room for a block/);
  t.throws(() => allocator.format({ first: firstUnit, limit: arenaBytesMax }), /29 bits/);
  t.equal(allocator.allocate(2 ** 14), 0, 'more than the limit is not to be had');
  t.equal(allocator.ungrownUnits, 0, 'though all has been tried');
  t.equal(arena.grow(2 ** 20), false, 'the arena does not grow above its maximum');
  t.throws(() => Arena.create({ bytes: 8, bytesMax: 2 ** 60 }), { code: 'BAD_REQUEST' });
});
