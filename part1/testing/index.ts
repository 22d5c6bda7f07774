export { sameBytes } from './bytes.ts';
export { casesPerSeed, testSeed } from './seed.ts';
export { syncTest } from './sync-test.ts';
export { timeFactor } from './time-factor.ts';
export { tableContract } from './table-contract.ts';
export { noBytes, noText } from './wrong-arguments.ts';
