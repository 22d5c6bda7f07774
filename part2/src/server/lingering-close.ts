import type { Socket } from 'node:net';

/** How long the other side has to close its half once everything is sent, in milliseconds. */
const lingerTimeoutMs = 1_000;

/**
 * Closes the sending side of `socket` after everything written, then calls `onSent`. Bytes that still arrive are discarded until
 * the other side closes, too: to close a socket with unread bytes sends a reset, which may overtake the last reply. If the
 * socket breaks, `onSent` is not called; the socket's 'close' event comes in any case.
 */
export function lingeringClose(socket: Socket, onSent: () => void): void {
  socket.resume();
  socket.end(() => {
    if (socket.destroyed) return;
    const timer = setTimeout(() => socket.destroy(), lingerTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    onSent();
  });
}
