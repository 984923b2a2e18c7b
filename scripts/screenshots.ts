// Makes the pictures of the console in docs/screenshots: `npm run screenshots [-- name …]`.
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { removeEmbeddedPostgres } from "../relayer/store/postgres/embedded-postgres.ts";
import { openBrowser } from "./browser/chromium.ts";
import { freePort } from "./local/free-port.ts";
import { startLocalStack } from "./local/stack.ts";
import { indexPage } from "./screenshots/index-page.ts";
import { type Screen, screensOf } from "./screenshots/screens.ts";
import { dressShopWindow } from "./screenshots/shop-window.ts";

const FOLDER = "docs/screenshots";
const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1280, height: 860 } },
} as const;
const SCHEMES = ["light", "dark"] as const;
/** What is loaded last moves what is above it. {ms} */
const SETTLE_MS = 600;

const wanted = process.argv.slice(2);
const dataFolder = await mkdtemp(join(tmpdir(), "corridor-screenshots-"));
const stack = await startLocalStack({ chainPort: 0, port: await freePort(), dataFolder, hasMaker: true });
const browser = await openBrowser();
try {
  const shop = await dressShopWindow(stack);
  await mkdir(FOLDER, { recursive: true });
  const screens = screensOf(shop);
  await writeFile(join(FOLDER, "README.md"), indexPage(screens.map(({ name }) => name)));
  for (const screen of screens) {
    if (wanted.length > 0 && !wanted.includes(screen.name)) continue;
    for (const [device, options] of Object.entries(DEVICES)) {
      for (const colorScheme of SCHEMES) {
        const context = await browser.newContext({ ...options, colorScheme, locale: screen.locale ?? "en-GB" });
        await take(screen, await context.newPage(), join(FOLDER, `${screen.name}-${device}-${colorScheme}.png`));
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await stack.stop();
  await removeEmbeddedPostgres(dataFolder);
}
process.exit();

async function take(screen: Screen, page: Page, path: string): Promise<void> {
  await screen.open(page);
  await page.waitForTimeout(SETTLE_MS);
  await page.screenshot({ path, fullPage: true, animations: "disabled" });
  process.stdout.write(`${path}\n`);
}
