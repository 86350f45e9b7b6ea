import { serveProcess } from '../../src-main/shell/serve-process';
import { testEngine } from './test-engine';

serveProcess(testEngine);
