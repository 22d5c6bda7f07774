export { finishManyAtOnce } from './clients-that-stay.ts';
export { deadlineMs } from './deadline.ts';
export { echo, getRequest, putRequest, sizeRequest } from './messages.ts';
export { RawClient } from './raw-client.ts';
export { advanceClock, inOneTurn, startClock, stopClock, turns } from './sandboxed/clock.ts';
export { echoAtOnce } from './sandboxed/handlers.ts';
export { appendSingly, fillSingly, takeLengths } from './sandboxed/single-bytes.ts';
export { AcceptedSockets, AcceptedWrites } from './sandboxed/sockets.ts';
