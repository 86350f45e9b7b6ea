import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../e2e-web/browser';
import { dropFiles, startWebShell } from '../e2e-web/web-shell';
import { largePhoto, manyFiles } from './app-files';
import { fixed, table } from './table';
import { benchOptions } from './options';

const usage = `npm run bench:app
  --files N       photos in the queue (default 2000)
  --moves N       moves of the slider (default 20)
  --only NAME     queue or slider (default both)
  --threads N     of the nets (default: as the app chooses)
  --out FILE      the report, JSON (default .cache/bench/app.json)`;

/** What the page hears of itself; set up before anything in it runs. */
const watch = `
  window.bench = { tasks: [] };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) bench.tasks.push({ startTime, duration });
  }).observe({ type: 'longtask' });
  bench.named = new Promise((resolve) => {
    addEventListener('drop', (event) => {
      const look = () => {
        const names = [...document.querySelectorAll('[role=row] b')];
        if (names.some(({ textContent }) => textContent)) resolve(performance.now() - event.timeStamp);
        else requestAnimationFrame(look);
      };
      look();
    }, { capture: true, once: true });
  });

  // From a key's own time to the frame that shows what it changed.
  bench.move = () => {
    const hero = document.querySelector('[data-test=hero]');
    const before = hero.textContent;
    bench.moved = new Promise((resolve) => {
      addEventListener('keydown', ({ timeStamp, target }) => {
        const moved = { number: null, shown: null };
        const look = () => {
          const now = performance.now() - timeStamp;
          if (moved.number === null && hero.textContent !== before) moved.number = now;
          const { shown } = document.querySelector('canvas').dataset;
          if (shown === target.getAttribute('aria-valuenow')) resolve({ ...moved, shown: now });
          else requestAnimationFrame(look);
        };
        // The first frame may still be of before.
        requestAnimationFrame(() => requestAnimationFrame(look));
      }, { once: true });
    });
  };
`;

interface Moved {
  /** Null where the number on screen did not change. */
  number: number | null;
  shown: number;
}

const { values } = benchOptions(usage, {
  options: {
    files: { type: 'string', default: '2000' },
    moves: { type: 'string', default: '20' },
    only: { type: 'string' },
    threads: { type: 'string' },
    out: { type: 'string', default: '.cache/bench/app.json' },
  },
});
const files = Number(values.files);
const moves = Number(values.moves);
if (!(files > 0) || !(moves > 0)) {
  console.error(usage);
  process.exit(2);
}

const folder = await manyFiles(files);
const photo = await largePhoto();
const home = await mkdtemp(join(tmpdir(), 'lavi-bench-'));
if (values.threads) {
  await mkdir(join(home, 'config'));
  await writeFile(
    join(home, 'config/settings.json'),
    JSON.stringify({ threads: Number(values.threads) }),
  );
}

const queue = values.only === 'slider' ? undefined : await onPage(queueTimes);
const slider = values.only === 'queue' ? undefined : await onPage(sliderTimes);
await rm(home, { recursive: true, force: true });

const ordered = (times: number[]) => [...times].sort((a, b) => a - b);
/** The smallest of the times that so large a share of them does not exceed. */
const quantile = (times: number[], share: number) =>
  ordered(times)[Math.ceil(share * times.length) - 1] ?? NaN;
const row = (what: string, value: number, target: string, digits = 0) => [
  what,
  fixed(value, digits),
  target,
];
const latencies = (when: string, moved: Moved[]) => {
  const numbers = moved.flatMap(({ number }) => (number === null ? [] : [number]));
  const shown = moved.map((one) => one.shown);
  return [
    row(`${when}: ≈ number, slowest, ms`, Math.max(...numbers), '≤ 150'),
    row(`${when}: region decoded, median, ms`, quantile(shown, 0.5), ''),
    row(`${when}: region decoded, p95, ms`, quantile(shown, 0.95), '≤ 400'),
  ];
};
console.log(
  table(
    ['', 'measured', 'target'],
    [
      ...(queue
        ? [
            row('drop to first named row, ms', queue.named, '< 2000'),
            row('longest task while scrolling, ms', queue.longest, '≤ 100'),
            row('renderer heap, MB', queue.heap / 1e6, '< 300', 1),
          ]
        : []),
      ...(slider
        ? [...latencies('sliding on', slider.sliding), ...latencies('from rest', slider.resting)]
        : []),
    ],
  ),
);
console.log(
  `${files} files; ${moves} moves on a 12 MP photo that is analysed, 1:1, 1280×800. "Sliding on": the next\n` +
    'move follows what the last one showed; "from rest": the file is being measured meanwhile.',
);
const report = {
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg(), node: process.version },
  threads: values.threads ?? 'as the app chooses',
  files,
  queue,
  slider,
};
const out = resolve(values.out);
await mkdir(dirname(out), { recursive: true });
await writeFile(out, `${JSON.stringify(report, null, 1)}\n`);
console.log(out);

/** Runs `work` on the app in a fresh browser, over a shell of its own. */
async function onPage<Result>(work: (page: Page) => Promise<Result>): Promise<Result> {
  const shell = await startWebShell(home);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript({ content: watch });
    await page.goto(shell.address);
    await page.getByRole('heading', { name: 'Drop photos here' }).waitFor();
    return await work(page);
  } finally {
    await browser.close();
    await shell.stop();
    await rm(join(home, 'config/journal.json'), { force: true });
  }
}

/** Drops the folder, then scrolls through the whole queue while thumbnails come in. */
async function queueTimes(page: Page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  let heap = 0;
  const weigh = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    heap = Math.max(heap, metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value);
  };
  await dropFiles(page, [folder]);
  await page.getByText(new RegExp(`^\\s*${files} photos`)).waitFor({ timeout: 120_000 });
  const named = await page.evaluate<number>('bench.named');
  await weigh();

  const list = page.getByRole('grid');
  const { x, y, width, height } = (await list.boundingBox())!;
  await page.mouse.move(x + width / 2, y + height / 2);
  const began = await page.evaluate<number>('performance.now()');
  const bottom = `(() => {
    const { scrollTop, clientHeight, scrollHeight } = document.querySelector('[role=grid]');
    return scrollTop + clientHeight >= scrollHeight - 1;
  })()`;
  for (let n = 0; !(await page.evaluate(bottom)); n++) {
    await page.mouse.wheel(0, 600);
    await page.waitForTimeout(30);
    if (n % 20 === 0) await weigh();
  }
  await page.locator('[role=row] img').last().waitFor();
  await weigh();
  const tasks = await page.evaluate<{ startTime: number; duration: number }[]>('bench.tasks');
  const scrolling = tasks.filter(({ startTime }) => startTime >= began);
  const longest = Math.max(0, ...scrolling.map(({ duration }) => duration));
  return { named, longest, heap, longTasks: scrolling.length };
}

/** Moves the slider at 1:1, with nothing shown twice: right after each other, then from rest. */
async function sliderTimes(page: Page) {
  await dropFiles(page, [photo]);
  const measured = page.locator('[data-test=hero][data-measured=true]');
  await measured.waitFor({ timeout: 300_000 });
  await page.keyboard.press('1');
  await page.getByText('measuring the others').waitFor({ timeout: 300_000 });
  await page.locator('.refining').waitFor({ state: 'detached', timeout: 60_000 });
  const thumb = page.getByRole('slider', { name: 'Quality' });
  await thumb.focus();
  await page.keyboard.press('Home');
  await page.locator('canvas[data-shown="0"]').waitFor({ timeout: 300_000 });

  const move = async (key: string) => {
    await page.evaluate('bench.move()');
    await page.keyboard.press(key);
    return page.evaluate<Moved>('bench.moved');
  };
  const sliding: Moved[] = [];
  const resting: Moved[] = [];
  for (const [times, pause] of [
    [sliding, 0],
    [resting, 1000],
  ] as const) {
    for (let n = 0; n < moves; n++) {
      // Five up, a half down: qualities from one end to the other, none of them twice.
      times.push(await move(n % 2 ? 'ArrowLeft' : 'PageUp'));
      await page.waitForTimeout(pause);
    }
    // From the lower end again, a half further: nothing of the first round is shown again.
    await page.keyboard.press('Home');
    await page.locator('canvas[data-shown="0"]').waitFor({ timeout: 300_000 });
    await move('ArrowRight');
  }
  return { sliding, resting };
}
