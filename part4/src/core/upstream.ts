import { assert } from '@tablelab/shared';
import type { ChainEffect, LinkId } from './effects.ts';
import type { ChainId } from './membership-record.ts';
import type { ChainMessage } from './messages.ts';
import type { ServerId, SessionId } from './view.ts';

export type Hello = Extract<ChainMessage, { type: 'hello' }>;

/**
 * The largest number of HELLOs that may wait until this server has read their senders' view; one for each server is
 * normal.
 */
const earlyHellosMax = 16;

/** The server from which updates are accepted, by the present view. */
export interface Sender {
  readonly viewVersion: number;
  /** The predecessor, or the tail while this server is joining; undefined: none. */
  readonly id: ServerId | undefined;
  /** Its session with ZooKeeper. */
  readonly session: SessionId | undefined;
  /** This server is joining. */
  readonly joining: boolean;
  /** The chain of the membership record. */
  readonly chain: ChainId | undefined;
}

/**
 * The link from the predecessor, or from the tail while this server is joining. Invariant: updates are accepted over at
 * most one link, which the present sender dialled. Other servers get a REJECT with the version of this server's view.
 */
export interface Upstream {
  current: { readonly link: LinkId; readonly session: SessionId } | undefined;
  sender: Sender;
  /** HELLOs of servers that know more than this one: it must read the directory before it can judge them. */
  readonly early: Map<LinkId, Hello>;
}

type Emit = (effect: ChainEffect) => void;

const nobody: Sender = {
  viewVersion: -1,
  id: undefined,
  session: undefined,
  joining: true,
  chain: undefined,
};

export function newUpstream(): Upstream {
  return { current: undefined, sender: nobody, early: new Map() };
}

export function copyUpstream(upstream: Upstream): Upstream {
  return { ...upstream, early: new Map(upstream.early) };
}

/** Judges a HELLO; returns true if updates are now accepted over `link`, and WELCOME is due. */
export function judgeHello(upstream: Upstream, link: LinkId, hello: Hello, emit: Emit): boolean {
  const { current, sender, early } = upstream;
  if (isEarly(hello, sender)) {
    if (early.size >= earlyHellosMax) {
      emit({ type: 'close', link, detail: 'too many servers wait for this one to read the directory' });
      return false;
    }
    early.set(link, hello);
    emit({ type: 'read-directory' });
    return false;
  }
  const isSender = sender.id === hello.id && sender.session === hello.session;
  if (!isSender || sender.joining !== hello.joining) {
    reject(upstream, link, { detail: `server ${hello.id} is not the one to take updates from`, emit });
    return false;
  }
  early.delete(link);
  if (current?.link === link) {
    breakUpstream(upstream, 'a second HELLO over one link', emit);
    return false;
  }
  // The sender dials again only when its old link is gone on its side, even if it still looks open here.
  if (current !== undefined) {
    emit({ type: 'close', link: current.link, detail: 'the sender has a newer link' });
  }
  upstream.current = { link, session: hello.session };
  return true;
}

/**
 * The sender has seen a newer view, or one whose record this server has not read: this server does not know yet whether
 * it has enough memory for that chain (shortageIn in membership.ts).
 */
function isEarly(hello: Hello, sender: Sender): boolean {
  if (hello.viewVersion > sender.viewVersion) return true;
  return hello.joining && hello.viewVersion === sender.viewVersion && hello.chain !== sender.chain;
}

/** Drops the link of a server that is no longer the sender; returns the HELLOs that can be judged now. */
export function followSender(upstream: Upstream, sender: Sender, emit: Emit): [LinkId, Hello][] {
  const { current, early } = upstream;
  upstream.sender = sender;
  if (current !== undefined && sender.session !== current.session) {
    breakUpstream(upstream, 'updates come from another server now', emit);
  }
  const ready = [...early].filter(([, hello]) => !isEarly(hello, sender));
  for (const [link] of ready) early.delete(link);
  assert(
    upstream.current === undefined || upstream.current.session === sender.session,
    'the link that is left is the sender’s',
  );
  return ready;
}

/** Rejects servers whose HELLO has a newer view than ZooKeeper; they will dial again. */
export function rejectBeyond(upstream: Upstream, viewVersion: number, emit: Emit): void {
  for (const [link, hello] of upstream.early) {
    if (hello.viewVersion <= viewVersion) continue;
    upstream.early.delete(link);
    reject(upstream, link, { detail: 'ZooKeeper knows of no such view', emit });
  }
}

export function breakUpstream(upstream: Upstream, detail: string, emit: Emit): void {
  if (upstream.current === undefined) return;
  emit({ type: 'close', link: upstream.current.link, detail });
  upstream.current = undefined;
}

/** Closes all links, including those with early HELLOs. */
export function closeUpstream(upstream: Upstream, detail: string, emit: Emit): void {
  breakUpstream(upstream, detail, emit);
  for (const link of upstream.early.keys()) emit({ type: 'close', link, detail });
  upstream.early.clear();
  upstream.sender = nobody;
}

/** The link is gone. */
export function upstreamDown(upstream: Upstream, link: LinkId): void {
  upstream.early.delete(link);
  if (upstream.current?.link === link) upstream.current = undefined;
}

function reject({ sender }: Upstream, link: LinkId, { detail, emit }: { detail: string; emit: Emit }): void {
  emit({ type: 'send', link, message: { type: 'reject', viewVersion: sender.viewVersion } });
  emit({ type: 'close', link, detail });
}
