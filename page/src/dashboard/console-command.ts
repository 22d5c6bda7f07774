import { type ChainTable, formatName, parseName } from '@tablelab/part4';
import { z } from 'zod';

/** Longer values are shown in part, in bytes. */
const shownBytesMax = 65_536;

const key = z.string();

export const commandSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('put'), key, value: z.string() }),
  z.object({ do: z.literal('get'), key }),
  z.object({ do: z.literal('del'), key }),
  z.object({ do: z.literal('verify'), name: z.string() }),
]);

export type ConsoleCommand = z.infer<typeof commandSchema>;

/**
 * Does a command of the page's console; resolves with the answer, as the client program gives it.
 * @throws TableError
 */
export async function runCommand(
  table: ChainTable,
  command: ConsoleCommand,
  deadlineMs: number,
): Promise<string> {
  const options = { deadlineMs };
  switch (command.do) {
    case 'put':
      return `operation ${formatName(await table.put(command.key, Buffer.from(command.value), options))}`;
    case 'del': {
      const { applied, ...name } = await table.del(command.key, options);
      return `operation ${formatName(name)}${applied === false ? ': key not found' : ''}`;
    }
    case 'get':
      return valueText(await table.get(command.key, options));
    case 'verify':
      return (await table.verify(parseName(command.name), options)) ? 'executed' : 'not executed yet';
  }
}

function valueText(value: Uint8Array | undefined): string {
  if (value === undefined) return 'key not found';
  const shown = Buffer.from(value.subarray(0, shownBytesMax));
  const rest = value.length > shown.length ? ` … (${value.length} bytes)` : '';
  try {
    return `${new TextDecoder('utf-8', { fatal: true }).decode(shown, { stream: true })}${rest}`;
  } catch {
    return `bytes ${shown.toString('hex')}${rest}`;
  }
}
