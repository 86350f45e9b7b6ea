import { defineCommand } from 'citty';
import { parseStrictly, UsageError } from './args';
import { engineArgs, engineOf, reportArgs, reportOf, runBatch } from './common';
import { tableText } from './report';

const args = {
  photo: { type: 'positional', required: false, description: 'The grey photo, or any photo' },
  colour: { type: 'positional', required: false, description: 'The colour picture to score' },
  ...engineArgs,
  ...reportArgs,
} as const;

export const scoreCommand = defineCommand({
  meta: { name: 'score', description: 'Measure how probable the colours of a picture are' },
  args,
  async run({ rawArgs }) {
    const parsed = parseStrictly(rawArgs, args);
    const [file, colour, ...more] = parsed.operands;
    if (file === undefined || colour === undefined || more.length > 0) {
      throw new UsageError(
        `Expected a photo and a colour picture of it, found ${parsed.operands.length} arguments.`,
      );
    }
    const report = reportOf(parsed);
    await runBatch({
      engine: await engineOf(parsed),
      report,
      kind: 'score',
      items: [{ file, output: colour }],
      job: (item) => ({ file: item.file, colour: item.output }),
      done: ({ bitsLabels, bitsColour, bitsPerSample, baselines }) => {
        const result = { bitsLabels, bitsColour, bitsPerSample, baselines };
        const rows = [
          ['bits a chroma sample', ''],
          ['this model', `≤ ${bitsPerSample.toFixed(3)}`],
          ['the same net with one label', baselines.one?.toFixed(3) ?? 'not in this model'],
          ['palette', baselines.palette.toFixed(3)],
          ['histogram given L', baselines.givenL.toFixed(3)],
          ['ab histogram', baselines.abHistogram.toFixed(3)],
        ];
        const sum = `labels ${bitsLabels.toFixed(0)} + colour ${bitsColour.toFixed(0)} bits`;
        report.result(result, `${colour}  ${sum}\n${tableText(rows)}`);
      },
    });
  },
});
