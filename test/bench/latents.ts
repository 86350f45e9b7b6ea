import { cpus } from 'node:os';
import { readPhoto } from '../../src-main/image/photo';
import { distinctColours } from '../../src-main/latents/colours';
import { mixtureMethods } from '../../src-main/latents/em';
import { quickFit } from '../../src-main/latents/photo-mixture';
import { renderScene } from '../photos/index';
import { fixed, table } from './table';
import { benchOptions } from './options';

const usage = `npm run bench:latents -- [--k 16] [PHOTO …]
How long EM takes on the colours of a 12-megapixel photo: counting its distinct
colours, the refined start, and the exact rounds on all of them, which \`rounds\` counts.
  --k N    components of the mixture (default 16)
  PHOTO …  photos of one's own; a rendered scene where none is named`;

const { values, positionals } = benchOptions(usage, {
  allowPositionals: true,
  options: { k: { type: 'string', default: '16' } },
});
const photos = await Promise.all(
  positionals.map(async (path) => ({ name: path, ...(await readPhoto(path)) })),
);
if (photos.length === 0) {
  const scene = renderScene('landscape', { width: 4000, height: 3000 });
  photos.push({ name: 'landscape 4000 × 3000', ...scene });
}
const rows = photos.flatMap(({ name, width, height, rgb }) =>
  mixtureMethods.map((method) => {
    const began = performance.now();
    const before = process.cpuUsage();
    const colours = distinctColours(rgb);
    const counted = performance.now();
    const fit = quickFit(colours, Number(values.k), { method }).run();
    const ended = performance.now();
    const cpu = process.cpuUsage(before);
    const last = fit.steps.at(-1)!;
    return [
      `${name} ${method}`,
      fixed((width * height) / 1e6, 1),
      String(colours.codes.length),
      fixed(counted - began, 0),
      String(last.step),
      fixed(ended - counted, 0),
      fixed((ended - began) / 1000, 2),
      fixed((cpu.user + cpu.system) / 1e6, 2),
      fixed(last.logLikelihood, 4),
    ];
  }),
);
const head = ['', 'MP', 'colours', 'count ms', 'rounds', 'EM ms', 'all s', 'CPU s', 'ln P'];
console.log(table(head, rows));
console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`);
