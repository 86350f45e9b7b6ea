import '../../src-main/shell/worker';
