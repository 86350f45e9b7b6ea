import { readFileSync } from 'node:fs';
import { defineCommand } from 'citty';
import { decodeLabelFile, encodeLabelFile } from '../../../labels/files';
import { isNames } from '../../../labels/png-map';
import { choiceOption, numberOption, parseStrictly, UsageError } from '../args';
import { outputArgs, reportArgs, reportOf, requireOperands } from '../common';
import { planBatch } from '../inputs';
import { forEachItem } from './batch';
import { sizeText } from '../report';

const encodeArgs = {
  files: { type: 'positional', required: false, description: 'Label PNGs, and folders of them' },
  effort: {
    type: 'string',
    valueHint: 'NAME',
    description: 'fast (one pass) or best (tries several completions, up to 8 times as long)',
    default: 'fast',
  },
  bare: { type: 'boolean', description: 'Leave out colours, class names and the void label' },
  names: {
    type: 'string',
    valueHint: 'FILE',
    description: 'JSON of class names: {"0": "void", …} or ["void", …]',
  },
  void: { type: 'string', valueHint: 'N', description: 'The label that means "not labelled"' },
  ...outputArgs,
  ...reportArgs,
} as const;

export const labelsEncodeCommand = defineCommand({
  meta: { name: 'encode', description: 'Turn label PNGs into .lavi files, without loss' },
  args: encodeArgs,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, encodeArgs);
    const paths = requireOperands(parsed, 'label PNGs or folders to encode');
    const effort = choiceOption(parsed, 'effort', ['fast', 'best'] as const) ?? 'fast';
    const voidLabel = numberOption(parsed, 'void', { min: 0, max: 65_535, whole: true });
    const names =
      parsed.options.names === undefined ? undefined : readNames(String(parsed.options.names));
    const report = reportOf(parsed);
    const items = await planBatch(paths, {
      extensions: ['.png'],
      outputExtension: '.lavi',
      outputFolder: parsed.options.output as string | undefined,
    });
    await forEachItem(items, report, async ({ file, output }, onProgress) => {
      const result = await encodeLabelFile(file, output, {
        effort,
        bare: parsed.options.bare === true,
        overwrite: parsed.options.overwrite === true,
        onProgress,
        ...(names && { names }),
        ...(voidLabel !== undefined && { voidLabel }),
      });
      const { width, height, labels, points, bytes } = result;
      report.result(
        result,
        `${file} → ${output}  ${width}×${height}  ${labels} labels  ${points} points  ` +
          `${sizeText(bytes)}  ${((8 * bytes) / (width * height)).toFixed(4)} bpp`,
      );
    });
  },
});

/** @throws UsageError unless the file is a JSON object or array of names. */
function readNames(path: string): Record<number, string> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Option --names expects a JSON file; ${path} cannot be read: ${why}.`);
  }
  const names: unknown = Array.isArray(value) ? { ...(value as unknown[]) } : value;
  if (isNames(names)) return names;
  throw new UsageError(
    `Option --names expects names by label, such as {"0": "void"} or ["void"]; ${path} holds others.`,
  );
}

const decodeArgs = {
  files: {
    type: 'positional',
    required: false,
    description: '.lavi files of label maps, and folders of them',
  },
  ...outputArgs,
  ...reportArgs,
} as const;

export const labelsDecodeCommand = defineCommand({
  meta: { name: 'decode', description: 'Turn .lavi files of label maps back into PNGs' },
  args: decodeArgs,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, decodeArgs);
    const paths = requireOperands(parsed, '.lavi files or folders to decode');
    const report = reportOf(parsed);
    const items = await planBatch(paths, {
      extensions: ['.lavi'],
      outputExtension: '.png',
      outputFolder: parsed.options.output as string | undefined,
    });
    await forEachItem(items, report, async ({ file, output }) => {
      const overwrite = parsed.options.overwrite === true;
      const result = await decodeLabelFile(file, output, { overwrite });
      const { width, height, labels } = result;
      report.result(result, `${file} → ${output}  ${width}×${height}  ${labels} labels`);
    });
  },
});
