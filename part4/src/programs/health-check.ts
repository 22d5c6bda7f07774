#!/usr/bin/env node
/**
 * A health check for container engines and people: exit code 0 or 1, with the reason.
 *
 * Without an option: whether the server lives, which is whether it answers at all. A server that waits for ZooKeeper or for
 * the chain is alive: an orchestrator that restarts what is unhealthy must not end it, because a chain without disks would
 * lose its data. With `--ready`: whether it has a place in the chain.
 */
import { NetworkClient, parseAddress, requests, results } from '@tablelab/part2';
import { errorText, must, TableError } from '@tablelab/shared';
import { endWithoutOutput, parseArguments, UsageError, usageErrorText } from '@tablelab/shared/command-line';

const usage = `Usage: health-check [--ready] <host>:<port>

Says whether the server at that address lives, or why not. Exit code 0: it does.

  --ready     whether it has a place in the chain, too
  -h, --help  show this text
`;

const timeoutMs = 2_000;

endWithoutOutput('health-check');
try {
  const { positionals, values } = parseArguments(process.argv.slice(2), {
    ready: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help === true) process.stdout.write(usage);
  else {
    if (positionals.length !== 1) throw new UsageError('one address is needed');
    const address = must(positionals[0], 'counted');
    console.log(values.ready === true ? await placeOf(address) : await lifeOf(address));
  }
} catch (error) {
  const isUsage = error instanceof UsageError;
  const name = 'health-check';
  process.stderr.write(isUsage ? usageErrorText(name, usage, error) : `${name}: ${errorText(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}

/** Describes how a server lives. @throws TableError if it does not answer, or can do nothing any more */
async function lifeOf(address: string): Promise<string> {
  try {
    return await placeOf(address);
  } catch (error) {
    const isAlive =
      error instanceof TableError && (error.code === 'NOT_READY' || error.code === 'SHUTTING_DOWN');
    if (!isAlive) throw error;
    return `alive, but not ready: ${error.message}`;
  }
}

/** Describes the server's place in the chain. @throws TableError if it has none */
async function placeOf(address: string): Promise<string> {
  const client = await NetworkClient.connect({
    ...parseAddress(address),
    connectTimeoutMs: timeoutMs,
    callTimeoutMs: timeoutMs,
  });
  try {
    const size = results.size(await client.call(requests.size()));
    return `the tail, with ${size} entries`;
  } catch (error) {
    if (!(error instanceof TableError) || error.code !== 'NOT_TAIL') throw error;
    return error.message;
  } finally {
    await client.close();
  }
}
