import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText, TableError } from '@tablelab/shared';
import { withDeadline } from '@tablelab/shared/process';
import { z } from 'zod';
import { securityHeaders, sendPlain } from '../server/http-rules.ts';
import { commandSchema, runCommand } from './console-command.ts';
import { type Controls, controlSchema } from './controls.ts';
import type { EventStream } from './event-stream.ts';
import { hasToken, isForeign } from './guard.ts';
import { findKeys } from './key-search.ts';
import { callDeadlineMs, type LazyTable } from './lazy-table.ts';
import { type Load, loadMax } from './load.ts';

export interface DashboardApiParts {
  readonly token: string;
  readonly stream: EventStream;
  readonly table: LazyTable;
  /** Only where `npm start` has started the chain. */
  readonly controls: Controls | undefined;
  readonly load: Load;
}

/** The longest request, in bytes, and how long it may take to arrive, in milliseconds. */
const bodyBytesMax = 1_048_576;
const bodyTimeoutMs = 10_000;

/** How many requests are under way at most. */
const requestsMax = 64;

const statusOfCode: Partial<Record<TableError['code'], number>> = { BAD_REQUEST: 400, TOO_LARGE: 413 };

const keyQuerySchema = z.object({
  prefix: z.string().default(''),
  contains: z.string().default(''),
  from: z.coerce.number().int().min(0).default(0),
});

const loadSchema = z.object({ do: z.literal('load'), rate: z.int().min(0).max(loadMax) });
const actionSchema = z.union([controlSchema, loadSchema]);

/**
 * What the page asks of its server. Any page of this server may look; what a page does to the chain, and what its console reads, needs
 * the token.
 */
export class DashboardApi {
  readonly #parts: DashboardApiParts;
  #underWay = 0;

  constructor(parts: DashboardApiParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isForeign(request)) return sendPlain(response, 403, 'this is only for the page of this server\n');
    if (this.#underWay >= requestsMax) return sendPlain(response, 503, 'too much is under way\n');
    this.#underWay += 1;
    try {
      await this.#answer(request, response);
    } catch (error) {
      const code = error instanceof TableError ? error.code : 'INTERNAL';
      if (!response.headersSent)
        sendJson(response, statusOfCode[code] ?? 503, { code, error: errorText(error) });
    } finally {
      this.#underWay -= 1;
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token, stream, table, controls, load } = this.#parts;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    switch (`${request.method} ${pathname}`) {
      case 'GET /api/live':
        if (!stream.add(response, securityHeaders)) sendPlain(response, 503, 'too many pages are open\n');
        return;
      case 'GET /api/keys': {
        const query = parsed(keyQuerySchema, Object.fromEntries(searchParams));
        return sendJson(response, 200, await findKeys(await table.connected(), query, callDeadlineMs));
      }
      case 'POST /api/run': {
        if (!hasToken(request, token)) return sendPlain(response, 403, 'this needs the token\n');
        const command = parsed(commandSchema, await bodyOf(request));
        const text = await runCommand(await table.connected(), command, callDeadlineMs);
        return sendJson(response, 200, { text });
      }
      case 'POST /api/control': {
        if (!hasToken(request, token)) return sendPlain(response, 403, 'this needs the token\n');
        if (controls === undefined) return sendPlain(response, 404, 'only npm start has controls\n');
        const asked = parsed(actionSchema, await bodyOf(request));
        if (asked.do !== 'load') return sendJson(response, 200, { text: await controls.ask(asked) });
        load.set(asked.rate);
        return sendJson(response, 200, { text: `load: ${asked.rate} operations a second` });
      }
      default:
        return sendPlain(response, 404, 'there is no such thing\n');
    }
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  const headers = {
    ...securityHeaders,
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  };
  response.writeHead(status, headers).end(JSON.stringify(value));
}

/** @throws TableError BAD_REQUEST */
function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new TableError('BAD_REQUEST', z.prettifyError(result.error));
}

/** @throws TableError TOO_LARGE, TIMEOUT, or BAD_REQUEST for what is no JSON */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const read = async () => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes > bodyBytesMax)
        throw new TableError('TOO_LARGE', `a request has at most ${bodyBytesMax} bytes`);
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString();
  };
  const text = await withDeadline(read(), bodyTimeoutMs, 'the rest of the request');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TableError('BAD_REQUEST', `this is no JSON: ${errorText(cause)}`, { cause });
  }
}
