import { expect, it } from 'vitest';
import { automaticThreads } from '../../../src-main/shell/process/engine-processes';

it('keeps a core free where there is more than one', () => {
  expect([1, 2, 3, 4, 16].map(automaticThreads)).toEqual([1, 1, 2, 3, 15]);
});
