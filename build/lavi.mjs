#!/usr/bin/env node
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureAll, root } from './setup.mjs';

ensureAll();
await import(pathToFileURL(join(root, 'out', 'main', 'cli.js')).href);
