import '../../src-main/shell/process/worker';
