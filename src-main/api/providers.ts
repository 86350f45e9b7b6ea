import { z } from 'zod';

export const providerChoices = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const;
export const providerChoiceSchema = z.enum(providerChoices);
export type ProviderChoice = z.infer<typeof providerChoiceSchema>;
