/** A program for the executor's thread that fails before it is ready. */
throw new Error('cannot start');
