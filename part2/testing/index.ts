export { deadlineMs } from './deadline.ts';
export { echo, getRequest, putRequest, sizeRequest } from './messages.ts';
export { RawClient } from './raw-client.ts';
export { serverSockets } from './server-sockets.ts';
export { socketWrites } from './writes.ts';
