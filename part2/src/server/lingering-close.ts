import type { Socket } from 'node:net';

/** How long the other side has to close its half once everything is sent, in milliseconds. */
const lingerTimeoutMs = 1_000;

/**
 * Closes `socket` once what was written has been sent, and calls `onSent` then. What still arrives is thrown away until
 * the other side closes, too: closing a socket with unread bytes sends a reset, which may overtake the last reply. Nothing
 * is called for a socket that breaks; its 'close' comes in any case.
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
