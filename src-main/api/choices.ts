import { z } from 'zod';

export const providerChoices = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const;
export const providerChoiceSchema = z.enum(providerChoices);
/** What an encoder spends on a photo; the file's format is the same. */
export const efforts = ['default', 'best'] as const;

/** What the transforms are trained for: squared error, or structure as people see it. Both share the entropy nets. */
export const tunes = ['psnr', 'ms-ssim'] as const;
export type Tune = (typeof tunes)[number];

export type ProviderChoice = z.infer<typeof providerChoiceSchema>;
