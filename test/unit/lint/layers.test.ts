import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({
  // The text is not a file of the project, so rules that need types are left out here.
  overrideConfig: [
    {
      files: ['**/*.ts'],
      languageOptions: { parserOptions: { projectService: false } },
      rules: {
        '@typescript-eslint/no-floating-promises': 'off',
        '@typescript-eslint/no-misused-promises': 'off',
        '@typescript-eslint/await-thenable': 'off',
      },
    },
  ],
});

async function complaints(filePath: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath });
  return results
    .flatMap((result) => result.messages)
    .filter((message) => message.ruleId === 'lavi/rooms')
    .map((message) => message.message);
}

describe('which room may import which', () => {
  const forbidden: [file: string, code: string][] = [
    ['src-main/api/x.ts', "import { a } from '../jobs/queue';"],
    ['src-main/api/calls/x.ts', "import { readFile } from 'node:fs/promises';"],
    ['src-main/jobs/x.ts', "import { a } from '../image/photo';"],
    ['src-main/image/x.ts', "import { a } from '../rda/codec';"],
    ['src-main/rda/x.ts', "import { a } from '../labels/codec';"],
    ['src-main/rda/deep/x.ts', "import { a } from '../../shell/cli/cli';"],
    ['src-main/labels/x.ts', "import { a } from '../engine/engine';"],
    ['src-main/labels/x.ts', "import type { A } from '../engine/engine';"],
    ['src-main/labels/x.ts', "export { a } from '../engine/engine';"],
    ['src-main/labels/x.ts', "export * from '../engine/engine';"],
    ['src-main/labels/x.ts', "void import('../rda/codec');"],
    ['src-main/engine/engine.ts', "import { a } from '../shell/cli/cli';"],
    ['src-main/engine/compress/x.ts', "import { a } from '../../shell/process/paths';"],
    ['src-main/engine/compress/x.ts', "import { a } from '../../session/files/files';"],
    ['src-main/engine/compress/x.ts', "import { a } from '../labels/opened';"],
    ['src-main/engine/common/x.ts', "import { a } from '../compress/save';"],
    ['src-main/session/x.ts', "import { a } from '../engine/engine';"],
    ['src-main/session/files/x.ts', "import { a } from '../../image/photo';"],
    ['src-main/session/labels/x.ts', "import { a } from '../../labels/map';"],
    ['src-main/session/handlers.ts', "import { a } from '../rda/manifest';"],
    ['src-main/rda/x.ts', "import { a } from '../session/files/files';"],
    ['src-main/session/x.ts', "import sharp from 'sharp';"],
    ['src-main/session/x.ts', "import * as ort from 'onnxruntime-node';"],
    ['src-main/rda/x.ts', "import sharp from 'sharp';"],
    ['src-main/image/x.ts', "import * as ort from 'onnxruntime-node';"],
    ['src-main/engine/engine.ts', "void import('sharp');"],
    ['src-main/shell/cli/cli.ts', "import { app } from 'electron';"],
    ['src-main/shell/process/launch.ts', "import { app } from 'electron/main';"],
    ['src-main/shell/process/launch.ts', "import { a } from '../web/server';"],
    ['src-main/shell/web/web.ts', "import { a } from '../electron/menu';"],
    ['src-main/shell/electron/electron.ts', "import sharp from 'sharp';"],
    ['src-main/unnamed/x.ts', "import { a } from '../api/errors';"],
    ['src-renderer/client.ts', "import { a } from '../src-main/engine/engine';"],
    ['src-renderer/client.ts', "import { readFile } from 'node:fs/promises';"],
    ['src-renderer/client.ts', "import { shell } from 'electron';"],
    ['src-renderer/library/x.ts', "import { a } from '../workspaces/compress/compare';"],
    ['src-renderer/components/x.ts', "import { a } from '../workspaces';"],
    ['src-renderer/workspaces/labels/x.ts', "import { a } from '../compress/compare';"],
    ['src-renderer/workspaces/labels/x.ts', "void import('../latents/worth');"],
  ];
  it.each(forbidden)('refuses in %s: %s', async (file, code) => {
    expect(await complaints(file, code)).toHaveLength(1);
  });

  const allowed: [file: string, code: string][] = [
    ['src-main/jobs/x.ts', "import { a } from '../api/errors';"],
    ['src-main/image/x.ts', "import sharp from 'sharp'; export const a = sharp;"],
    ['src-main/onnx/x.ts', "import * as ort from 'onnxruntime-node'; export const a = ort;"],
    ['src-main/rda/x.ts', "import { a } from '../entropy/range';"],
    ['src-main/rda/x.ts', "import { a } from './api-like';"],
    ['src-main/engine/engine.ts', "import { a } from './compress/save';"],
    ['src-main/engine/compress/x.ts', "import { a } from '../common/opened';"],
    ['src-main/engine/compress/x.ts', "import { a } from '../../rda/codec';"],
    ['src-main/session/files/x.ts', "import { a } from '../../jobs/output';"],
    ['src-main/session/queue/x.ts', "import { a } from '../files/files';"],
    ['src-main/session/x.ts', "import { readFile } from 'node:fs/promises';"],
    ['src-main/shell/cli/x.ts', "import { a } from '../../engine/engine';"],
    ['src-main/shell/web/x.ts', "import { a } from '../process/paths';"],
    ['src-main/shell/electron/x.ts', "import { app } from 'electron'; export const a = app;"],
    ['src-renderer/client.ts', "import { a } from '../src-main/api/jobs/contract';"],
    ['src-renderer/App.vue', "<script setup>import { a } from './workspaces';</script>"],
    ['src-renderer/workspaces/index.ts', "import { a } from './compress/keys';"],
    ['src-renderer/workspaces/labels/x.ts', "import { a } from '../../library/queue';"],
  ];
  it.each(allowed)('accepts in %s: %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});
