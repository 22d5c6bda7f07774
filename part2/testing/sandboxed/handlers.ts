/** A handler that runs where the server runs, for tests in which time matters. */
import { ContentType, type Message, type Reply } from '@tablelab/part2';

/** Answers at once, with the key of the request. */
export function echoAtOnce({ opcode, key }: Message): Reply {
  return { opcode: opcode + 1, c_type: ContentType.CT_NONE, key };
}
