import type { Reading } from '../../../src-main/api/calls/contract';
import { aliveBits } from '../../../src-main/api/calls/contract';
import type { Formula } from './formulas';

type Format = (value: number, digits: number) => string;

const heads = ['global', 'predicted'] as const;
type HeadName = (typeof heads)[number];

/** Every number of a reading as the view shows it: cards and formulas use the same words. */
export function readingNumbers(reading: Reading, format: Format) {
  const { rate, distortion, dims, gamma, tradeoff, continuous, latents, samples } = reading;
  const perDim = (nats: number) => format(-nats / (dims * Math.LN2), 4);
  const headOf = (name: HeadName) => {
    const { logLikelihood, elbo, bound } = reading[name];
    return {
      likelihood: format(logLikelihood, 1),
      elbo: format(elbo, 1),
      elboBits: perDim(elbo),
      bound: format(bound, 1),
      boundBits: perDim(bound),
    };
  };
  return {
    rate: format(rate, 1),
    rateBits: format(rate / Math.LN2, 1),
    alive: format(latents.filter(({ bits }) => bits > aliveBits).length, 0),
    latents: format(latents.length, 0),
    distortion: format(distortion, 3),
    psnr: format(psnrOf(reading), 2),
    gamma: format(gamma, 5),
    n: format(dims, 0),
    samples: format(samples, 0),
    global: headOf('global'),
    predicted: headOf('predicted'),
    lambda: format(tradeoff.lambda, 2),
    lambdaBits: format(tradeoff.lambda / Math.LN2, 2),
    lambdaMse: format((tradeoff.lambda / Math.LN2) * dims, 0),
    weighted: format(tradeoff.lambda * distortion, 1),
    loss: format(tradeoff.loss, 1),
    constant: format(tradeoff.constant, 1),
    continuous: format(continuous, 1),
  };
}

/** PSNR in dB of the expected squared error. */
export const psnrOf = ({ dims, distortion }: Reading) => 10 * Math.log10(dims / distortion);
/** KL over the crop's pixels. */
export const bppOf = ({ rate, dims }: Reading) => (3 * rate) / (dims * Math.LN2);

/** The reading's formulas with the numbers on screen put in. */
export function readingFormulas(
  reading: Reading,
  how: 'vae' | 'rda',
  latent: number,
  format: Format,
): Formula[] {
  const n = readingNumbers(reading, format);
  const one = reading.latents[latent]!;
  const density: Formula = {
    text: 'p(y|z) = exp(−‖y − µ(z)‖² / 2γ²) / (γ√2π)ⁿ',
    numbers: `γ = ${n.gamma}, n = ${n.n}`,
    misprint: 'density',
  };
  if (how === 'rda') {
    return [
      {
        text: 'λ = 1 / 2γ², in nats; ÷ ln 2 in bits; × n for the MSE',
        numbers: `1 / (2 · ${n.gamma}²) = ${n.lambda}; ${n.lambdaBits}; ${n.lambdaMse}`,
      },
      {
        text: 'KL + λ · D',
        numbers: `${n.rate} + ${n.lambda} · ${n.distortion} = ${n.loss}`,
      },
      {
        text: '−ELBO = KL + λD + n ln(γ√2π), with densities',
        numbers: `${n.continuous} = ${n.loss} + (${n.constant})`,
      },
      density,
    ];
  }
  return [
    ...heads.map((name) => ({
      text: `ln P(y) ≥ ELBO = E_q ln P(y|z) − KL, γ ${name}`,
      numbers: `${n[name].elbo} = ${n[name].likelihood} − ${n.rate}`,
    })),
    ...heads.map((name) => ({
      text: '−ELBO / (n ln 2): bits per dimension',
      numbers: `−(${n[name].elbo}) / (${n.n} · ln 2) = ${n[name].elboBits}`,
    })),
    {
      text: 'ln P(y) ≥ E ln (1/S Σ_s P(y|z_s) p(z_s) / q(z_s|y))',
      numbers: `S = ${n.samples}: ${n.global.bound}; ${n.predicted.bound}`,
    },
    {
      text: 'KL of a latent = ½ (µ² + σ² − 1) − ln σ, ÷ ln 2',
      numbers: `µ = ${format(one.mean, 4)}, σ = ${format(one.sigma, 4)}: ${format(one.bits, 4)}`,
    },
    density,
  ];
}

/** Latents in the order that they are shown in: as they are numbered, or by falling KL. */
export function orderOf(latents: Reading['latents'], sorted: boolean): number[] {
  const order = latents.map((_, i) => i);
  return sorted ? order.sort((a, b) => latents[b]!.bits - latents[a]!.bits || a - b) : order;
}
