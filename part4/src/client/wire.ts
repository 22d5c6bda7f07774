import { appliedResult, expectReply, results, scanResult } from '@tablelab/part2/results';
import {
  Ack,
  ContentType,
  errorFromReply,
  isAppliedIn,
  type Message,
  type MessageFields,
  Opcode,
  putIfEqualsRequest,
  requests,
  scanRequest,
} from '@tablelab/part2/wire';
import { errorText, must, type TableError, unreachable } from '@tablelab/shared';
import type { WriteRequest } from '../core/update.ts';
import { nameFields, nameOf, type OperationName } from '../write-name.ts';
import type { ClientError, ClientRequest, ClientResult } from './core/client-effects.ts';

/** Converts requests and answers of the client's core to and from messages (shared/proto/sdmessage.proto). */

/** @throws TableError BAD_REQUEST for an invalid key */
export function messageOf(request: ClientRequest): MessageFields {
  switch (request.op) {
    case 'open':
      return { ...requests.open(), ack: Ack.COMMITTED };
    case 'put':
      return { ...requests.put(request.key, request.data), ...identityOf(request) };
    case 'putIfAbsent':
      return { ...requests.putIfAbsent(request.key, request.data), ...identityOf(request) };
    case 'putIfEquals': {
      const { key, expected, data } = request;
      return { ...putIfEqualsRequest(key, must(expected, 'it has one'), data), ...identityOf(request) };
    }
    case 'del':
      return { ...requests.del(request.key), ...identityOf(request) };
    case 'get':
      return requests.get(request.key);
    case 'has':
      return requests.has(request.key);
    case 'size':
      return requests.size();
    case 'keys':
      return requests.getKeys();
    case 'scan':
      return scanRequest(request.prefix, request);
    case 'verify':
      return { ...requests.verify(0), ...nameFields(request.name) };
    case 'dump':
      return { ...requests.dump(request.walk), from: request.from, sequence: request.sequence };
    default:
      return unreachable(request);
  }
}

/** Converts `reply`. A reply that does not fit the request becomes INTERNAL: the request may have been executed. */
export function answerOf(request: ClientRequest, reply: Message): ClientResult | ClientError {
  if (reply.opcode === Opcode.OP_ERROR) return errorOf(errorFromReply(reply));
  try {
    return resultOf(request, reply);
  } catch (error) {
    return { type: 'error', code: 'INTERNAL', detail: errorText(error), mayHaveHappened: true };
  }
}

export function errorOf({ code, message, mayHaveHappened }: TableError): ClientError {
  return { type: 'error', code, detail: message, mayHaveHappened };
}

function identityOf({ client, request, firstIncomplete }: WriteRequest): Partial<MessageFields> {
  return { client, request, first_incomplete: firstIncomplete, ack: Ack.COMMITTED };
}

function resultOf(request: ClientRequest, reply: Message): ClientResult {
  switch (request.op) {
    case 'open':
      if (reply.client === '') throw new Error('the head did not say what the session is called');
      return { type: 'written', name: writeNameOf(reply), client: reply.client, isApplied: undefined };
    case 'put':
    case 'del':
      return { type: 'written', name: writeNameOf(reply), client: '', isApplied: isAppliedIn(reply) };
    case 'putIfAbsent':
    case 'putIfEquals': {
      const isApplied = appliedResult(reply, ContentType.CT_RESULT);
      return { type: 'written', name: writeNameOf(reply), client: '', isApplied };
    }
    case 'get':
      return { type: 'value', value: results.get(reply) };
    case 'has':
      return { type: 'presence', isPresent: results.has(reply) === 1 };
    case 'size':
      return { type: 'size', size: results.size(reply) };
    case 'keys':
      return { type: 'keys', keys: results.getKeys(reply) };
    case 'scan':
      return { type: 'page', ...scanResult(reply) };
    case 'verify':
      return { type: 'verified', executed: results.verify(reply) === 1 };
    case 'dump': {
      const { key: walk, next, sequence } = reply;
      return { type: 'dumped', walk, next, sequence, data: results.dump(reply) ?? new Uint8Array(0) };
    }
    default:
      return unreachable(request);
  }
}

function writeNameOf(reply: Message): OperationName {
  const { number, epoch } = nameOf(expectReply(reply, ContentType.CT_RESULT));
  if (epoch === undefined) throw new Error('the head did not say in which epoch it numbered the write');
  return { number, epoch };
}
