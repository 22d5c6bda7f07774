/** How long a test waits for what must happen, in milliseconds: much longer than it takes, on a busy machine too. */
export const deadlineMs = 10_000;
