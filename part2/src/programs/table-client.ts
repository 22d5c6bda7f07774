#!/usr/bin/env node
import { runClientProcess } from '../terminal/run-client-process.ts';
import { tableClientParts } from '../terminal/table-client-parts.ts';

await runClientProcess({ ...tableClientParts, name: 'table-client' });
