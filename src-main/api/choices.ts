import { z } from 'zod';

export const providerChoices = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const;
export const providerChoiceSchema = z.enum(providerChoices);

/** What a platform can have, by ONNX Runtime's packages for Node; best first. */
const gpuProviders: Record<string, readonly ProviderChoice[]> = {
  'win32-x64': ['directml', 'webgpu'],
  'win32-arm64': ['directml', 'webgpu'],
  'darwin-arm64': ['coreml', 'webgpu'],
  'darwin-x64': ['coreml', 'webgpu'],
  'linux-x64': ['cuda', 'webgpu'],
};

/** The choices that a platform can have, such as `linux-x64`. */
export function providersOf(platform: string): ProviderChoice[] {
  return ['auto', 'cpu', ...(gpuProviders[platform] ?? [])];
}
/** What an encoder spends on a photo; the file's format is the same. */
export const efforts = ['default', 'best'] as const;

/** What the transforms are trained for: squared error, or structure as people see it. Both share the entropy nets. */
export const tunes = ['psnr', 'ms-ssim'] as const;
export type Tune = (typeof tunes)[number];

export type ProviderChoice = z.infer<typeof providerChoiceSchema>;
