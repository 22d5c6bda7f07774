import { ContentType, ErrorNumber, encodeFrame, encodeMessage, Opcode } from '@tablelab/part2';
import { deadlineMs, getRequest, putRequest, sizeRequest } from '@tablelab/part2/testing';
import { eventually } from '@tablelab/shared/testing';
import t from 'tap';
import { holdingHandler, startMultiplexing } from './support/multiplexing.ts';

const { OP_SIZE, OP_GET, OP_PUT, OP_ERROR } = Opcode;
const { CT_ENTRY, CT_VALUE } = ContentType;

/** The beginning of a frame of 2 MiB: as many bytes as `bytes`. */
const unfinished = (bytes: number) => encodeFrame(new Uint8Array(2 << 20)).subarray(0, bytes);
const bigPut = encodeMessage(putRequest('k', new Uint8Array(1_500_000)));
const busy = { opcode: OP_ERROR, error: ErrorNumber.BUSY };

t.test(
  'connections without a place do not take the memory of served clients (part3/README.md#server-memory)',
  async (t) => {
    const { server, raw, table } = await startMultiplexing(t, { bufferBytesMax: 4 << 20 });
    const served = await raw();
    served.send(encodeMessage(sizeRequest));
    await served.reply();
    const silent = [];
    for (let i = 0; i < 8; i += 1) {
      const hoarder = await raw();
      silent.push(hoarder);
      hoarder.send(unfinished(1 << 20));
    }
    t.match(await Promise.any(silent.map((hoarder) => hoarder.reply())), busy, 'they get an error');
    served.send(bigPut, bigPut);
    t.match(
      await served.replies(2),
      [{ opcode: OP_PUT + 1 }, { opcode: OP_PUT + 1 }],
      'and the served client nothing',
    );
    t.equal(table.size, 1);
    t.ok(server.bufferedBytes <= 2 << 20, 'connections without a place have half of the memory at most');
  },
);

t.test(
  'of the connections without a place, the largest is closed first (part3/README.md#server-memory)',
  async (t) => {
    const { server, raw, connect, table } = await startMultiplexing(t, { bufferBytesMax: 4 << 20 });
    const served = await connect();
    await served.size();
    const [largest, small, last] = [await raw(), await raw(), await raw()];
    const sent = async (bytes: number) => {
      await eventually(() => server.bufferedBytes >= bytes, { deadlineMs, what: `${bytes} bytes to arrive` });
    };
    largest.send(unfinished(900_000));
    await sent(900_000);
    small.send(unfinished(700_000));
    await sent(1_600_000);
    const put = encodeMessage(putRequest('k', new Uint8Array(800_000)));
    last.send(put.subarray(0, put.length - 1));
    t.match(await largest.reply(), busy);
    await largest.end();
    await sent(1_500_000);
    t.equal(server.clientsSilent, 2, 'the others hold what they sent');
    last.send(put.subarray(put.length - 1));
    t.match(await last.reply(), { opcode: OP_PUT + 1 }, 'and are served once their requests are whole');
    t.equal(table.size, 1);
  },
);

t.test(
  'many small requests without a place close no connection (part3/README.md#server-memory)',
  async (t) => {
    const { server, raw } = await startMultiplexing(t, { bufferBytesMax: 20_000 });
    const served = await raw();
    const put = encodeMessage({ opcode: OP_PUT, c_type: CT_ENTRY, key: 'k', data: new Uint8Array(6_000) });
    served.send(encodeMessage(sizeRequest), put.subarray(0, 5_000));
    await served.reply();
    for (let i = 1; i <= 9; i += 1) {
      const small = await raw();
      small.send(unfinished(1_500));
      const bytes = 5_000 + i * 1_500;
      await eventually(() => server.bufferedBytes === bytes, { deadlineMs, what: `${bytes} bytes` });
    }
    served.send(put.subarray(5_000));
    t.match(await served.reply(), { opcode: OP_PUT + 1 });
    t.equal(server.clientsSilent, 9);
  },
);

t.test(
  'a client that has held memory for longest is closed first (part3/README.md#server-memory)',
  async (t) => {
    const options = { bufferBytesMax: 4 << 20, outputBytesMax: 256 * 1024 };
    const { server, raw, table } = await startMultiplexing(t, options);
    table.put('big', new Uint8Array(1 << 20));
    const patient = await raw();
    const hoarders = [await raw(), await raw(), await raw(), await raw(), await raw(), await raw()];
    for (const client of [patient, ...hoarders]) {
      client.send(encodeMessage(sizeRequest));
      await client.reply();
    }
    for (const hoarder of hoarders) hoarder.send(unfinished(1 << 20));
    t.match(await hoarders[0]?.reply(), busy, 'they get an error');
    patient.send(bigPut, encodeMessage(getRequest('big')), encodeMessage(sizeRequest));
    t.match(await patient.replies(3), [{ opcode: OP_PUT + 1 }, { opcode: OP_GET + 1 }, { result: 2 }]);
    for (const hoarder of hoarders) hoarder.socket.destroy();
    await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'the memory to be free again' });
  },
);

t.test(
  'a client that does not read its replies is closed when others need the memory (part3/README.md#server-memory)',
  async (t) => {
    const options = { bufferBytesMax: 12 << 20, outputBytesMax: 256 * 1024 };
    const { server, raw, table } = await startMultiplexing(t, options);
    table.put('big', new Uint8Array(8 << 20));
    // Its reply takes all of the memory but 128 KiB, which is less than what a client holds that does not read.
    const hugeBytes = options.bufferBytesMax - 128 * 1024;
    table.put('huge', new Uint8Array(hugeBytes));
    const patient = await raw();
    const deaf = await raw();
    deaf.socket.pause();
    deaf.send(Buffer.concat(Array.from({ length: 5 }, () => encodeMessage(getRequest('big')))));
    await eventually(() => server.bufferedBytes > options.outputBytesMax, {
      deadlineMs,
      what: 'replies that are not read',
    });
    patient.send(encodeMessage(getRequest('huge')), encodeMessage(getRequest('none')));
    const replies = await patient.replies(2);
    t.match(replies, [{ opcode: OP_GET + 1, found: true }, { opcode: OP_GET + 1 }]);
    t.equal(replies[0]?.data.length, hugeBytes);
    await eventually(() => server.clientsServed === 1, { deadlineMs, what: 'the deaf client to be cut off' });
    await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'the memory to be free again' });
  },
);

t.test(
  'a single client that holds too much gets the error itself (part3/README.md#server-memory)',
  async (t) => {
    const { held, handler, arrived } = holdingHandler();
    const { server, raw } = await startMultiplexing(t, {
      handler,
      bufferBytesMax: 3 << 19,
      outputBytesMax: 8 << 20,
      frameBytesMax: 4 << 20,
    });
    const client = await raw();
    const get = encodeMessage(getRequest('big'));
    const reply = { opcode: OP_GET + 1, c_type: CT_VALUE, data: new Uint8Array(1 << 20), found: true };
    client.send(Buffer.concat([get, get, get, encodeMessage(sizeRequest)]));
    await arrived(4);
    // Sent together, so that all four replies are pending at the same time.
    for (const { answer } of held.slice(0, 3)) answer(reply);
    held[3]?.answer();
    const replies = await client.replies(4);
    t.same(
      replies.map(({ opcode, error, data }) => [opcode, error, data.length]),
      [
        [OP_GET + 1, 0, 1 << 20],
        [OP_ERROR, ErrorNumber.BUSY, 0],
        [OP_ERROR, ErrorNumber.BUSY, 0],
        [OP_SIZE + 1, 0, 0],
      ],
    );
    await eventually(() => server.bufferedBytes === 0, { deadlineMs, what: 'the memory to be free again' });
    client.send(encodeFrame(new Uint8Array(2 << 20)));
    t.match(await client.reply(), busy, 'for a request as for replies');
    await client.end();
    t.equal(server.bufferedBytes, 0);
  },
);
