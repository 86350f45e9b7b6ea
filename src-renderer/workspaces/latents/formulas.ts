import type {
  MixtureComponent,
  MixtureSettings,
  MixtureStep,
} from '../../../src-main/api/calls/contract';

/** A formula, the same with the numbers on screen, and what a slide has otherwise, by message key. */
export interface Formula {
  text: string;
  numbers: string;
  misprint?: 'density' | 'mStep' | 'hardElbo';
}

/** How numbers are written everywhere in this view: the folds use the same words as the cards. */
export const measureDigits = 6;

type Format = (value: number, digits: number) => string;

/** The formulas of a half-step, with the numbers of a component where one is chosen. */
export function formulasOf(
  step: MixtureStep,
  settings: MixtureSettings,
  pixels: number,
  component: MixtureComponent | null,
  format: Format,
): Formula[] {
  const n = (value: number) => format(value, measureDigits);
  const soft = settings.method === 'em';
  const { logLikelihood, elbo, kl, entropy } = step;
  const joint = elbo - entropy;
  const list: Formula[] = [
    {
      text: 'ln P(y) = ELBO + KL(q(z|y), P(z|y))',
      numbers: `${n(logLikelihood)} = ${n(elbo)} + ${n(kl)}`,
    },
  ];
  if (soft) {
    list.push({
      text: 'ELBO = E_q ln P(z, y) + H(q)',
      numbers: `${n(elbo)} = ${n(joint)} + ${n(entropy)}`,
    });
  } else {
    list.push({
      text: 'hard ELBO = ln P(z*, y), z* = argmax_z P(z|y)',
      numbers: `${n(elbo)} = −(${n(-joint)})`,
      misprint: 'hardElbo',
    });
  }
  if (!component) return list;
  const { weight, mean, covariance } = component;
  const size = mean.length;
  const short = (value: number) => format(value, 4);
  const vector = mean.map(short).join('; ');
  const deviations = mean.map((_, d) => short(Math.sqrt(covariance[d * (size + 1)]!))).join('; ');
  list.push({
    text: 'P(y|z) = exp(−½ (y − µ)ᵀ Σ⁻¹ (y − µ)) / Z, Z = √det(2πΣ)',
    numbers: `µ = (${vector}), √diag Σ = (${deviations})`,
    misprint: 'density',
  });
  if (settings.method === 'k-means') {
    list.push({ text: 'µ = Σ_y q(z|y) y / N_z', numbers: `µ = (${vector})`, misprint: 'mStep' });
  } else {
    list.push({
      text: 'π = N_z / N, µ = Σ_y q(z|y) y / N_z, Σ = Σ_y q(z|y) y yᵀ / N_z − µµᵀ',
      numbers: `π = ${format(weight, 4)}, N = ${format(pixels, 0)}, N_z = ${format(weight * pixels, 1)}`,
      misprint: 'mStep',
    });
  }
  return list;
}
