import { parentPort } from 'node:worker_threads';
import { must } from '@tablelab/shared';
import { type CampaignOptions, runPortion } from './campaign.ts';

const port = must(parentPort, 'this file is run by a worker thread');
port.on('message', async (options: CampaignOptions) => port.postMessage(await runPortion(options)));
