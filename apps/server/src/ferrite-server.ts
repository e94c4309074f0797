#!/usr/bin/env node
/** `ferrite-server`, the program: what it does is told in `main.ts`. */
import { loadFeaturesFor } from '@ferrite/all';
import { commandDocs } from '@ferrite/core/docs';
import { runServer } from './main.ts';

await runServer(process.argv.slice(2), { program: 'ferrite-server', docs: commandDocs, loadFeatures: loadFeaturesFor });
