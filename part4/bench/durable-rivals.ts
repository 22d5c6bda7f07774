/** Three-node ensembles of etcd and ZooKeeper on loopback, which sync each write to the disk before they answer it, and their protocols. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ChildProgram, freePort } from '@tablelab/shared/process';
import {
  configureZooKeeper,
  dataFolder,
  fourLetterWord,
  installedZooKeeper,
} from '@tablelab/shared/zookeeper';
import { keyOf, type LoadOptions, type Protocol, value } from '../../part3/bench/load.ts';
import { type Contestant, contestant } from './contestants.ts';

const nodes = 3;
const startDeadlineMs = 30_000;

// ---- etcd, over gRPC ----

/** Debian's `etcd-server`. Puts go to the leader, which `Contestant.putPort` is. */
export async function startEtcd(folder: string): Promise<Contestant> {
  const names = Array.from({ length: nodes }, (_, index) => `node${index}`);
  const ports: { client: number; peer: number }[] = [];
  for (const _ of names) ports.push({ client: await freePort(), peer: await freePort() });
  const peers = names.map((name, index) => `${name}=http://127.0.0.1:${ports[index]?.peer}`).join();
  const programs = names.map((name, index) => {
    const client = `http://127.0.0.1:${ports[index]?.client}`;
    const peer = `http://127.0.0.1:${ports[index]?.peer}`;
    const urls = ['--listen-client-urls', client, '--advertise-client-urls', client];
    const peerUrls = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer];
    const cluster = ['--initial-cluster', peers, '--initial-cluster-state', 'new'];
    const data = [
      '--data-dir',
      join(folder, name),
      '--log-level',
      'error',
      '--quota-backend-bytes',
      String(8 << 30),
    ];
    return new ChildProgram('etcd', ['--name', name, ...urls, ...peerUrls, ...cluster, ...data]);
  });
  const deadline = performance.now() + startDeadlineMs;
  for (;;) {
    for (const { client } of ports) {
      const isLeader = await fetch(`http://127.0.0.1:${client}/metrics`)
        .then((response) => response.text())
        .then((text) => /^etcd_server_is_leader 1$/m.test(text))
        .catch(() => false);
      if (isLeader) return contestant(programs, { putPort: client, getPort: client });
    }
    if (performance.now() > deadline) throw new Error('no etcd has become leader');
    await wait(100);
  }
}

/** `etcdserverpb.PutRequest` in a gRPC frame: 0, the length, then field 1 the key and field 2 the value. */
function etcdPut(key: string): Buffer {
  const message = Buffer.concat([
    Buffer.from([0x0a, key.length]),
    Buffer.from(key),
    Buffer.from([0x12, value.length]),
    value,
  ]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Puts to etcd: connections of HTTP/2, with `inFlight` requests under way on each. Returns puts per second. */
export async function loadEtcd(options: Omit<LoadOptions, 'protocol' | 'operation'>): Promise<number> {
  const { port, connections, inFlight, durationMs, keyCount } = options;
  const sessions: ClientHttp2Session[] = Array.from({ length: connections }, () =>
    connect(`http://127.0.0.1:${port}`),
  );
  let done = 0;
  let isOver = false;
  const headers = {
    ':method': 'POST',
    ':path': '/etcdserverpb.KV/Put',
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const put = (session: ClientHttp2Session): Promise<void> =>
    new Promise((resolve, reject) => {
      const stream = session.request(headers);
      stream.on('trailers', (trailers) => {
        if (trailers['grpc-status'] !== '0') reject(new Error(`etcd: ${trailers['grpc-message']}`));
      });
      stream.on('error', reject).on('close', resolve).resume();
      stream.end(etcdPut(keyOf(Math.floor(Math.random() * keyCount))));
    });
  const work = sessions.flatMap((session) =>
    Array.from({ length: inFlight }, async () => {
      while (!isOver) {
        await put(session);
        done += 1;
      }
    }),
  );
  const start = performance.now();
  await wait(durationMs);
  const rate = (done * 1_000) / (performance.now() - start);
  isOver = true;
  await Promise.all(work);
  for (const session of sessions) session.close();
  return rate;
}

// ---- ZooKeeper ----

/** Debian's ZooKeeper, with its sync at each write and with Java's usual compiler. Puts go to the leader. */
export async function startZooKeepers(folder: string): Promise<Contestant> {
  const { java, classPath } = installedZooKeeper();
  const ids = Array.from({ length: nodes }, (_, index) => index + 1);
  const ports = new Map<number, number>();
  const servers: Record<string, string> = {};
  for (const id of ids) {
    ports.set(id, await freePort());
    servers[`server.${id}`] = `127.0.0.1:${await freePort()}:${await freePort()}`;
  }
  const programs: ChildProgram[] = [];
  for (const id of ids) {
    const own = join(folder, `zookeeper${id}`);
    const settings = { initLimit: 10, syncLimit: 5, snapCount: 1_000_000, ...servers };
    await configureZooKeeper(own, { port: ports.get(id) ?? 0, tickTimeMs: 2_000, settings });
    mkdirSync(dataFolder(own), { recursive: true });
    writeFileSync(join(dataFolder(own), 'myid'), String(id));
    const logging = `-Dlogback.configurationFile=${join(own, 'logback.xml')}`;
    const main = 'org.apache.zookeeper.server.quorum.QuorumPeerMain';
    const heap = ['-Xms512m', '-Xmx512m'];
    programs.push(
      new ChildProgram(java, [...heap, logging, '-cp', classPath.join(':'), main, join(own, 'zoo.cfg')]),
    );
  }
  const deadline = performance.now() + startDeadlineMs;
  for (;;) {
    for (const port of ports.values()) {
      const answer = await fourLetterWord('srvr', { host: '127.0.0.1', port }, 1_000).catch(() => '');
      if (answer.includes('Mode: leader')) return contestant(programs, { putPort: port, getPort: port });
    }
    if (performance.now() > deadline) throw new Error('no ZooKeeper has become leader');
    await wait(100);
  }
}

const operations = { create: 1, setData: 5 };
const firstXid = 1;

/** A session of 30 s. */
const connectRequest = frame([
  int(0),
  long(0),
  int(30_000),
  long(0),
  bytes(Buffer.alloc(16)),
  Buffer.from([0]),
]);

function zooKeeperProtocol(name: string, request: (key: string) => Buffer): Protocol {
  return {
    name,
    opening: { request: connectRequest, name: () => 'unused' },
    request: (_operation, key) => request(key),
    // A reply: its length, xid, zxid (8 bytes), error. The answer to the first request begins with a 0 in place of the xid.
    replyEnd(received, start) {
      if (received.length - start < 4) return -1;
      const end = start + 4 + received.readInt32BE(start);
      if (end > received.length) return -1;
      const error = received.readInt32BE(start + 4) === firstXid ? received.readInt32BE(start + 16) : 0;
      if (error !== 0) throw new Error(`ZooKeeper answers with error ${error}`);
      return end;
    },
  };
}

/** Stores a value in a znode that is there. */
export const setData = zooKeeperProtocol('setData', (key) =>
  frame([int(firstXid), int(operations.setData), text(`/${key}`), bytes(value), int(-1)]),
);

/** Creates a znode that all may change. */
export const createNode = zooKeeperProtocol('create', (key) =>
  frame([
    ...[int(firstXid), int(operations.create), text(`/${key}`), bytes(value)],
    ...[int(1), int(31), text('world'), text('anyone'), int(0)],
  ]),
);

function frame(parts: readonly Buffer[]): Buffer {
  return bytes(Buffer.concat(parts));
}

function int(number: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(number);
  return buffer;
}

function long(number: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(number));
  return buffer;
}

function bytes(content: Uint8Array): Buffer {
  return Buffer.concat([int(content.length), content]);
}

function text(content: string): Buffer {
  return bytes(Buffer.from(content));
}
