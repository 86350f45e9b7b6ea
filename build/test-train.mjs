// `npm run test:train`: the training code's own tests, in Python. They are not part of `npm test`,
// because PyTorch is a large download that using the app does not need.
import { spawnSync } from 'node:child_process';
import { root } from './setup.mjs';

const python = process.env.PYTHON ?? 'python3';
const probe = spawnSync(python, ['-c', 'import numpy, onnx, PIL, pytest, torch'], {
  encoding: 'utf8',
});
if (probe.status !== 0) {
  const reason = probe.error?.message ?? probe.stderr.trim().split('\n').at(-1);
  console.error(`The training tests need Python 3.11 with PyTorch: ${reason}`);
  console.error(
    `Install them with:\n  ${python} -m pip install torch==2.13.0 numpy onnx pillow pytest`,
  );
  process.exit(1);
}
const result = spawnSync(
  python,
  ['-m', 'pytest', '-q', 'models/train/tests', ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
process.exitCode = result.status ?? 1;
