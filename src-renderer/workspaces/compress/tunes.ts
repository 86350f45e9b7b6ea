import type { Tune } from '../../../src-main/api/jobs/contract';

/** The measure that a tune's transforms are trained for. */
export const tuneNames: Record<Tune, string> = { psnr: 'PSNR', 'ms-ssim': 'MS-SSIM' };
