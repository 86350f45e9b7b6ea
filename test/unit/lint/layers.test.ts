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
    .filter((message) => /^no-restricted-(imports|syntax)$/.test(message.ruleId ?? ''))
    .map((message) => message.message);
}

describe('the order of rooms', () => {
  const forbidden: [file: string, code: string][] = [
    ['src-main/api/x.ts', "import { a } from '../jobs/queue';"],
    ['src-main/jobs/x.ts', "import { a } from '../image/photo';"],
    ['src-main/image/x.ts', "import { a } from '../rda/codec';"],
    ['src-main/rda/x.ts', "import { a } from '../labels/codec';"],
    ['src-main/rda/deep/x.ts', "import { a } from '../../shell/cli';"],
    ['src-main/labels/x.ts', "import { a } from '../engine';"],
    ['src-main/labels/x.ts', "import type { A } from '../engine';"],
    ['src-main/labels/x.ts', "export { a } from '../engine';"],
    ['src-main/labels/x.ts', "void import('../rda/codec');"],
    ['src-main/engine.ts', "import { a } from './shell/cli';"],
    ['src-main/app/desk/x.ts', "import { a } from '../../engine';"],
    ['src-main/rda/x.ts', "import { a } from '../app/desk/files';"],
    ['src-main/rda/x.ts', "import sharp from 'sharp';"],
    ['src-main/image/x.ts', "import * as ort from 'onnxruntime-node';"],
    ['src-main/engine.ts', "void import('sharp');"],
    ['src-main/shell/cli.ts', "import { app } from 'electron';"],
    ['src-main/shell/electron.ts', "import sharp from 'sharp';"],
    ['src-renderer/client.ts', "import { a } from '../src-main/engine';"],
    ['src-renderer/client.ts', "import { readFile } from 'node:fs/promises';"],
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
    ['src-main/engine.ts', "import { a } from './rda/codec';"],
    ['src-main/engine.ts', "import { a } from './app/pictures/works';"],
    ['src-main/api/x.ts', "import { a } from './app';"],
    ['src-main/jobs/x.ts', "import { a } from '../api/app';"],
    ['src-main/app/pictures/x.ts', "import { a } from '../../rda/codec';"],
    ['src-main/shell/x.ts', "import { a } from '../engine';"],
    ['src-main/shell/electron.ts', "import { app } from 'electron'; export const a = app;"],
    ['src-renderer/client.ts', "import { a } from '../src-main/api/contract';"],
  ];
  it.each(allowed)('accepts in %s: %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});
