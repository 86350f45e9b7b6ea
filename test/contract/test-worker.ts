import { serveProcess } from '../../src-main/shell/process/serve-process';
import { testEngine } from './test-engine';

serveProcess(testEngine);
