import type { ServerResponse } from 'node:http';
import { isIP } from 'node:net';

/** Of every answer. */
export const securityHeaders = {
  // As in page.html, for static servers, and what only a header can say.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; worker-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  // The sources may have changed.
  'cache-control': 'no-cache',
};

export const plain = 'text/plain; charset=utf-8';

/** Sends a line of text, in place of a file. */
export function sendPlain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...securityHeaders, 'content-type': plain }).end(text);
}

/** Whether a request's `Host` is a name of this machine: one that another site lets point to it is none. */
export function isLoopback(host = ''): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || (isIP(name) === 4 && name.startsWith('127.'));
}
