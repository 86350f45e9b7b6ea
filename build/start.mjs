// `npm start` is the app; with arguments, and until the app exists, it is the command line.
// npm runs scripts in the package's folder: paths on the command line belong to the caller's.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import('./lavi.mjs');
