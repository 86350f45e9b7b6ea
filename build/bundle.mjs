import { ensureBuild, ensureModules, ensureNode } from './setup.mjs';

ensureNode();
ensureModules();
ensureBuild({ force: true });
