import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  answerOf,
  parseOrRefuse,
  toLaviError,
  valueOf,
} from '../../../src-main/api/channel/answer';
import { jobKinds } from '../../../src-main/api/jobs/contract';
import { LaviError } from '../../../src-main/api/errors';

describe('answers', () => {
  it('carry a value or a failure, and give either back', async () => {
    expect(valueOf(await answerOf(() => 3))).toBe(3);
    const failed = await answerOf(() => {
      throw new LaviError('TARGET_UNREACHABLE', 'No.', { nearest: 2 });
    });
    expect(failed).toEqual({
      ok: false,
      error: { code: 'TARGET_UNREACHABLE', message: 'No.', detail: { nearest: 2 } },
    });
    expect(() => valueOf(failed)).toThrow(LaviError);
  });

  it('turn aborts into CANCELLED and bugs into INTERNAL', () => {
    const abort = new DOMException('x', 'AbortError');
    expect(toLaviError(abort).code).toBe('CANCELLED');
    expect(toLaviError(new TypeError('x is not a function')).code).toBe('INTERNAL');
    expect(toLaviError('text').message).toBe('text');
  });

  it('name the place that was not understood', () => {
    const schema = z.object({ target: z.object({ value: z.number() }) });
    expect(() => parseOrRefuse(schema, { target: { value: 'x' } }, 'The call')).toThrow(
      /The call was not understood: target\.value: .*expected number/,
    );
  });
});

describe('job arguments', () => {
  const base = { file: 'a.png', output: 'a.lavi' };
  const { args } = jobKinds.compress;

  it('fill in what compress leaves open', () => {
    expect(args.parse({ ...base, target: { kind: 'quality', value: 12.5 } })).toEqual({
      ...base,
      target: { kind: 'quality', value: 12.5 },
      effort: 'default',
      tune: 'psnr',
      verify: true,
      metadata: true,
      thumbnail: true,
      overwrite: false,
    });
  });

  it.each([
    { kind: 'quality', value: 101 },
    { kind: 'quality', value: -1 },
    { kind: 'quality', value: Infinity },
    { kind: 'bpp', value: 0 },
    { kind: 'bytes', value: 1.5 },
    { kind: 'psnr', value: NaN },
    { kind: 'size', value: 1 },
  ])('refuse the target $kind $value', (target) => {
    expect(args.safeParse({ ...base, target }).success).toBe(false);
  });
});
