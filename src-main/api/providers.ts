import { z } from 'zod';

export const providerChoices = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const;
export const providerChoiceSchema = z.enum(providerChoices);
/** What an encoder spends on a photo; the file's format is the same. */
export const efforts = ['default', 'best'] as const;

export type ProviderChoice = z.infer<typeof providerChoiceSchema>;
