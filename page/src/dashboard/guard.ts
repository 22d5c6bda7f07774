import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** 128 bits: nobody guesses it. */
const tokenBytes = 16;

/** The header with the token. A page of another site cannot send it without asking first, which nothing answers. */
const tokenHeader = 'x-dashboard-token';

export function newToken(): string {
  return randomBytes(tokenBytes).toString('hex');
}

/** Whether a page of another site has made this request, as its browser says. A program says nothing. */
export function isForeign({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return true;
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

export function hasToken({ headers }: Pick<IncomingMessage, 'headers'>, token: string): boolean {
  const given = Buffer.from(String(headers[tokenHeader] ?? ''));
  const expected = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
