import type { Socket } from 'node:net';

/** Writes `parts` in one system call, as far as the system takes them. `onSent`: as the callback of `socket.write`. */
export function writeParts(
  socket: Socket,
  parts: readonly Uint8Array[],
  onSent: (error?: Error | null) => void,
): void {
  const last = parts.length - 1;
  if (last > 0) socket.cork();
  for (const [index, part] of parts.entries()) {
    if (index === last) socket.write(part, onSent);
    else socket.write(part);
  }
  if (last > 0) socket.uncork();
}
