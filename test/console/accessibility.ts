import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Holds a page against WCAG 2.2 A and AA, light and dark. @returns what is serious, and what sticks out of the window. */
export async function accessFaults(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    // Colours that change by degrees have arrived.
    await page.waitForTimeout(250);
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    for (const { id, impact, nodes } of violations) {
      if (impact !== "serious" && impact !== "critical") continue;
      const what = nodes.map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary ?? ""}`);
      faults.push(`${name}, ${colorScheme}: ${id}: ${what.join(" | ")}`);
    }
  }
  const { content, window } = await page.evaluate(() => {
    return { content: document.documentElement.scrollWidth, window: innerWidth };
  });
  if (content > window) faults.push(`${name} is ${content} wide in a window of ${window}`);
  return faults;
}
