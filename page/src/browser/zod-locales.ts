/** In place of zod's messages in fifty languages, which are a fifth of the page's files: zod loads the English ones itself. */
export {};
