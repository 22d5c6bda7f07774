import { decodeRequest, encodeMessage, FrameDecoder, type Message, type Reply } from '@tablelab/part2/wire';
import { Deferred } from '@tablelab/part3/deferred';
import type { ChainNode } from '../src/adapters/chain-node.ts';
import { isLinkPreface } from '../src/adapters/links/chain-codec.ts';
import type { ConnectionListener } from '../src/ports.ts';
import type { StreamEnd } from './transport.ts';

/** `waitedMs`: how long the reply was pending. */
type OnAnswer = (request: Message, reply: Reply, waitedMs: number) => void;

interface Answer {
  reply: Reply | undefined;
}

/**
 * Accepts connections to a simulated server, in place of the chain port and part 3's server. The first frame tells
 * clients from other servers. A client's requests are answered in order.
 */
export class Door implements ConnectionListener {
  readonly #node: ChainNode;
  readonly #end: StreamEnd;
  readonly #onAnswer: OnAnswer;
  readonly #frames = new FrameDecoder();
  readonly #answers: Answer[] = [];
  #isGreeted = false;

  /** `onAnswer` sees each reply, in the turn in which the node gives it. */
  constructor(node: ChainNode, end: StreamEnd, onAnswer: OnAnswer) {
    this.#node = node;
    this.#end = end;
    this.#onAnswer = onAnswer;
    end.listen(this);
  }

  opened(): void {
    // Not called for an accepted connection.
  }

  received(bytes: Uint8Array): void {
    this.#frames.append(bytes);
    for (let frame = this.#frames.next(); frame !== undefined; frame = this.#frames.next()) {
      if (!this.#isGreeted && isLinkPreface(frame)) {
        return this.#node.accept(this.#end, this.#frames.rest().slice());
      }
      this.#isGreeted = true;
      this.#serve(decodeRequest(frame));
    }
  }

  closed(): void {
    // The client is gone; missing answers cannot be sent.
  }

  #serve(request: Message): void {
    const answer: Answer = { reply: undefined };
    this.#answers.push(answer);
    const { process } = this.#end;
    const since = process.now();
    const settle = (settled: Reply) => {
      this.#onAnswer(request, settled, process.now() - since);
      answer.reply = settled;
      this.#flush();
    };
    const reply = this.#node.invoke(request, this.#end);
    if (reply instanceof Deferred) reply.whenSettled(settle);
    else settle(reply);
  }

  #flush(): void {
    for (let first = this.#answers[0]; first?.reply !== undefined; first = this.#answers[0]) {
      this.#answers.shift();
      this.#end.write(encodeMessage(first.reply));
    }
  }
}
