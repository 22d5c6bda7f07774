export { checkBytes, checkMilliseconds, checkText, isCount, wrongArgument } from './argument-checks.ts';
export { AssertionFailure, assert, must, unreachable } from './assert.ts';
export { type ErrorCode, errorCodes, errorText, TableError } from './errors.ts';
export { entryOverheadBytes, logicalEntryBytes } from './logical-size.ts';
export { type Random, seededRandom } from './random.ts';
