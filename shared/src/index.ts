export { AssertionFailure, assert, must, unreachable } from './assert.ts';
export { type ErrorCode, errorCodes, errorText, TableError } from './errors.ts';
export { type Random, seededRandom } from './random.ts';
