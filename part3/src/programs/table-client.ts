#!/usr/bin/env node
import { runClientProcess } from '@tablelab/part2';
import { tableClientProgram } from '../client/client-program.ts';

await runClientProcess(tableClientProgram);
