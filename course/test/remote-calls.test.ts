/** What the judge makes of the messages of a hostile process. */
import { EventEmitter } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import * as shared from '@tablelab/shared';
import t, { type Test } from 'tap';
import { FramePipe } from '../src/grade/remote/frame-pipe.ts';
import { judgeSide, serveStudent } from '../src/grade/remote/judge-side.ts';
import { Peer } from '../src/grade/remote/peer.ts';

const broken = { name: 'ProtocolError' };

class Table {
  readonly name = 'a table';
  #count = 0;
  get count(): number {
    return this.#count;
  }
  set count(count: number) {
    this.#count = count;
  }
  get size(): number {
    return 7;
  }
  put(key: string): string {
    return `put ${key}`;
  }
}

/** A judge to which a test writes frames, as if the student's process had. `sent` is what the judge answers. */
function setUp(t: Test) {
  const nowhere = openSync('/dev/null', 'r+');
  t.teardown(() => closeSync(nowhere));
  const sent: unknown[] = [];
  class Recorded extends FramePipe {
    override send(text: string): void {
      sent.push(JSON.parse(text));
    }
  }
  const problems: Error[] = [];
  const peer = new Peer({
    pipe: new Recorded({ input: nowhere, output: nowhere }),
    crossing: 'shared',
    classes: new Map(),
    errors: shared,
    objects: { firstId: 0 },
    side: judgeSide({ reference: '/kit', kit: '/kit', exportOf: () => undefined, hasEvents: true }),
    isRunToCompletion: false,
    serve: serveStudent,
    broken(error) {
      problems.push(error);
      return error;
    },
  });
  const receive = (message: unknown, definitions: unknown = []) =>
    peer.feed(frame(JSON.stringify([message, definitions, [], []])));
  return { peer, receive, sent, problems };
}

function frame(text: string): Buffer {
  const bytes = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(bytes.length + 4, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

t.test('a promise of the student settles once', async (t) => {
  const { peer, receive } = setUp(t);
  const settled: unknown[] = [];
  // The student calls a function of the judge with a promise.
  const note = (promise: Promise<unknown>) => void promise.then((value) => settled.push(value));
  peer.objects.add(note, undefined, 0);
  receive(['call', 1, null, 'apply', ['r', 0], ['r', 1]], [[1, 'promise']]);
  t.same(settled, []);
  receive(['settle', ['r', 1], true, 5]);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(settled, [5]);
  t.throws(() => receive(['settle', ['r', 1], true, 6]), broken, 'a second time');
});

t.test('malformed messages', async (t) => {
  const malformed: readonly (readonly [string, unknown, unknown?])[] = [
    ['a result of no call', ['return', 1, true]],
    ['an error of no call', ['throw', 1, null]],
    ['no number', ['call', 'x', null, 'apply']],
    ['no operation', ['call', 1, null, 7]],
    ['an unknown kind', ['forge', 1]],
    ['no kind', []],
    ['a value that settles', ['settle', 5, true, 1]],
    ['a promise of nobody', ['settle', ['r', 9], true, 1]],
    ['an export', ['call', 1, null, 'apply', ['r', 1]], [[1, 'export', 'node:process', 'exit']]],
  ];
  for (const [name, message, definitions] of malformed)
    t.throws(() => setUp(t).receive(message, definitions), broken, name);
  t.throws(() => setUp(t).peer.feed(Buffer.alloc(8, 255)), broken, 'no frame');
  const { peer, receive, sent } = setUp(t);
  const whole = frame(JSON.stringify([['call', 1, null, 'apply', 5], [], [], []]));
  for (const byte of whole) peer.feed(Uint8Array.of(byte));
  t.match(sent, [[['throw', 1]]], 'a frame may come in pieces');
  receive(['call', 2, null, 'ready']);
  t.match(sent[1], [['throw', 2]], 'the judge serves no other operation');
});

t.test('of an object that a test passes, only its own members are reached', async (t) => {
  const table = new Table();
  t.same(serveStudent(['property', table, 'size']), [false, 7]);
  t.same(serveStudent(['property', table, 'name']), [false, 'a table']);
  t.same(serveStudent(['property', table, 'put']), [true, undefined]);
  t.equal(serveStudent(['method', table, 'put', 'k']), 'put k');
  t.same(serveStudent(['property', table, 'constructor']), [false, undefined]);
  serveStudent(['set', table, 'count', 3]);
  t.equal(table.count, 3, 'what its class lets others set');
  for (const name of ['size', 'name', 'absent', '__proto__', 'constructor'])
    t.throws(() => serveStudent(['set', table, name, {}]), /cannot be set/, name);
  for (const request of [
    ['set', { plain: true }, 'plain', 1],
    ['set', () => 0, 'name', 'x'],
    ['method', table, 'constructor', 'return process'],
    ['method', table, '__defineGetter__', 'size', () => 0],
    ['method', table, 'hasOwnProperty', 'x'],
    ['property', { plain: true }, 'plain'],
    ['property', () => 0, 'constructor'],
    ['method', () => 0, 'call'],
    ['apply', table],
    ['construct', Table],
    ['value', 'module', 'name'],
  ] as const)
    t.throws(() => serveStudent(request), broken, String(request[0]) + String(request[2]));
  t.equal(serveStudent(['apply', (a: number) => a + 1, 4]), 5);
});

t.test('an object with methods stays where it is, plain data crosses', async (t) => {
  const { isReference } = judgeSide({ reference: '/', kit: '/', exportOf: () => undefined, hasEvents: true });
  for (const object of [
    new Table(),
    new EventEmitter(),
    {
      get size() {
        return 1;
      },
    },
    new Proxy({}, {}),
  ])
    t.ok(isReference(object));
  for (const object of [{}, { call: () => 0 }, Object.create(null), [1].values()])
    t.notOk(isReference(object));
});
