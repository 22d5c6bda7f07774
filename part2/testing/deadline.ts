/** How long a test waits for an event, in milliseconds: much longer than it takes, even on a busy machine. */
export const deadlineMs = 10_000;
