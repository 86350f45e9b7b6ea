import { launchBrowser } from './e2e-web/browser';
import { inStudio } from './screenshots/camera';
import { shootColorize } from './screenshots/colorize';
import { shootCompress } from './screenshots/compress';
import { shootLabels } from './screenshots/labels';
import { shootLatents } from './screenshots/latents';

/**
 * Pictures of every view of the real app: our own scenes, the web shell, Chromium. All of them go to
 * out/screenshots/ as view-theme-width.png; those that the documents show, packed harder, to
 * docs/screenshots/ too (in true colour: a palette leaves patches in skies). Arguments name the
 * workspaces wanted; without any it is all of them.
 */
const workspaces = {
  compress: shootCompress,
  colorize: shootColorize,
  labels: shootLabels,
  latents: shootLatents,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !(name in workspaces));
if (unknown) throw new Error(`Expected one of ${Object.keys(workspaces)} and found ${unknown}.`);

const browser = await launchBrowser();
try {
  for (const [name, scene] of Object.entries(workspaces)) {
    if (wanted.length === 0 || wanted.includes(name)) await inStudio(browser, scene);
  }
} finally {
  await browser.close();
}
