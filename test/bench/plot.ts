import type { Curve } from './bd-rate';

const colors = [
  '#0b6e4f',
  '#c8553d',
  '#2b59c3',
  '#8e44ad',
  '#d19a00',
  '#5b6770',
  '#c2185b',
  '#00838f',
];
const frame = { left: 64, right: 190, top: 40, bottom: 56, width: 900, height: 560 };

const escape = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Whole-number multiples of a round step, at most about `count` of them. */
function ticks(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((v) => v >= raw)!;
  const out: number[] = [];
  for (let v = Math.ceil(low / step); v * step <= high + 1e-9; v++) out.push(v * step);
  return out;
}

/**
 * Rate-distortion curves as an SVG: bits per pixel (logarithmic) across, PSNR up.
 * @param span dB, shaded: the part that BD-rates cover
 */
export function plotCurves(
  curves: Record<string, Curve>,
  { title, span }: { title: string; span: readonly [number, number] },
): string {
  const { left, right, top, bottom, width, height } = frame;
  const all = Object.values(curves);
  const rates = all.flatMap((curve) => curve.bpp).filter((v) => v > 0);
  const levels = all.flatMap((curve) => curve.psnr).filter(Number.isFinite);
  const x0 = Math.log2(Math.min(...rates)) - 0.1;
  const x1 = Math.log2(Math.max(...rates)) + 0.1;
  const y0 = Math.floor(Math.min(...levels, span[0]));
  const y1 = Math.ceil(Math.max(...levels, span[1]));
  const px = (bpp: number) => left + ((Math.log2(bpp) - x0) / (x1 - x0)) * (width - left - right);
  const py = (psnr: number) =>
    height - bottom - ((psnr - y0) / (y1 - y0)) * (height - top - bottom);
  const n = (v: number) => v.toFixed(1);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<rect x="${left}" y="${n(py(span[1]))}" width="${width - left - right}" height="${n(py(span[0]) - py(span[1]))}" fill="#f2f5f3"/>`,
    `<text x="${left}" y="24" font-size="16">${escape(title)}</text>`,
  ];
  for (const v of ticks(y0, y1, 8)) {
    parts.push(
      `<line x1="${left}" x2="${width - right}" y1="${n(py(v))}" y2="${n(py(v))}" stroke="#d5dbd8"/>`,
      `<text x="${left - 8}" y="${n(py(v) + 4)}" text-anchor="end">${v}</text>`,
    );
  }
  for (let e = Math.ceil(x0); e <= x1; e++) {
    const at = n(px(2 ** e));
    parts.push(
      `<line x1="${at}" x2="${at}" y1="${top}" y2="${height - bottom}" stroke="#d5dbd8"/>`,
      `<text x="${at}" y="${height - bottom + 18}" text-anchor="middle">${2 ** e}</text>`,
    );
  }
  parts.push(
    `<text x="${(left + width - right) / 2}" y="${height - 14}" text-anchor="middle">bits per pixel</text>`,
    `<text transform="translate(18 ${height / 2}) rotate(-90)" text-anchor="middle">PSNR, dB (RGB)</text>`,
  );
  Object.entries(curves).forEach(([name, curve], i) => {
    const color = colors[i % colors.length]!;
    const points = curve.bpp
      .map((bpp, k) => ({ bpp, psnr: curve.psnr[k]! }))
      .filter(({ bpp, psnr }) => bpp > 0 && Number.isFinite(psnr))
      .sort((a, b) => a.bpp - b.bpp);
    const line = points.map(({ bpp, psnr }) => `${n(px(bpp))},${n(py(psnr))}`).join(' ');
    const wide = i === 0 ? 3 : 1.8;
    parts.push(`<polyline points="${line}" fill="none" stroke="${color}" stroke-width="${wide}"/>`);
    for (const { bpp, psnr } of points) {
      parts.push(`<circle cx="${n(px(bpp))}" cy="${n(py(psnr))}" r="3" fill="${color}"/>`);
    }
    const y = top + 12 + 22 * i;
    parts.push(
      `<line x1="${width - right + 16}" x2="${width - right + 40}" y1="${y}" y2="${y}" stroke="${color}" stroke-width="3"/>`,
      `<text x="${width - right + 48}" y="${y + 4}">${escape(name)}</text>`,
    );
  });
  return `${parts.join('\n')}\n</svg>\n`;
}
