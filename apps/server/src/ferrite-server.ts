#!/usr/bin/env node
/** `ferrite-server`, the program: what it does is told in `main.ts`. */
import { runServer } from './main.ts';

await runServer(process.argv.slice(2), 'ferrite-server');
