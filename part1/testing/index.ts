export { sameBytes } from './bytes.ts';
export { testSeed } from './seed.ts';
export { tableContract } from './table-contract.ts';
