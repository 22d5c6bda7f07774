#!/usr/bin/env node
/**
 * A health check for container engines: exit code 0 if the server has a place in the chain and answers, otherwise 1
 * with the reason. A server that waits to join, or has lost its place, is unhealthy.
 */
import { NetworkClient, parseAddress, requests, results } from '@tablelab/part2';
import { errorText, must, TableError } from '@tablelab/shared';
import { endWithoutOutput, parseArguments, UsageError, usageErrorText } from '@tablelab/shared/command-line';

const usage = 'Usage: health-check <host>:<port>\n';

const timeoutMs = 2_000;

endWithoutOutput('health-check');
try {
  const { positionals } = parseArguments(process.argv.slice(2), {});
  if (positionals.length !== 1) throw new UsageError('one address is needed');
  console.log(await placeOf(must(positionals[0], 'counted')));
} catch (error) {
  const isUsage = error instanceof UsageError;
  const name = 'health-check';
  process.stderr.write(isUsage ? usageErrorText(name, usage, error) : `${name}: ${errorText(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
}

/** Describes the server's place in the chain. @throws TableError if it is unhealthy */
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
