import { readFile } from "node:fs/promises";

import type { Page } from "playwright-core";

/** Presses a button that saves a file. @returns what was saved. */
export async function saveBy(page: Page, button: string | RegExp): Promise<string> {
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  return readFile(await (await saving).path(), "utf8");
}
