import { z } from 'zod';
import { parseOrRefuse } from '../../api/channel/answer';
import { providerChoiceSchema } from '../../api/jobs/contract';
import { Engine } from '../../engine/engine';
import { serveProcess } from './serve-process';

const optionsSchema = z.object({
  modelsDir: z.string(),
  provider: providerChoiceSchema.optional(),
  threads: z.int().positive().optional(),
});

// The engine's process: `launch.ts` starts it with the engine's options as one JSON argument.
const options = parseOrRefuse(
  optionsSchema,
  JSON.parse(process.argv[2] ?? '{}'),
  "The engine's options",
);
serveProcess(new Engine(options));
