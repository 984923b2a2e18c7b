import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { findChromium, openBrowser } from "../../scripts/browser/chromium.ts";
import { unpackChromium } from "../../scripts/browser/unpack-chromium.ts";

/** No folder with a browser, as on a machine that has none; `ldd` is missing too, so that the package's libraries are taken. */
const BARE = { ...process.env, CORRIDOR_CHROMIUM: "", PATH: "/nowhere" };

describe("the browser of the tests", () => {
  it("takes the one that is named, and none other if that is no program", async () => {
    const { executablePath } = await findChromium({ ...BARE, CORRIDOR_CHROMIUM: process.execPath });
    expect(executablePath).to.equal(process.execPath);
    for (const named of ["/nowhere/chromium", tmpdir()]) {
      const refusal: unknown = await findChromium({ ...BARE, CORRIDOR_CHROMIUM: named }).catch(
        (error: unknown) => error,
      );
      expect(refusal, named).to.be.instanceOf(Error).with.property("message").that.includes(named);
    }
  });

  it("opens a blank page", async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      expect(await page.evaluate(() => `${location.href} ${String(6 * 7)}`)).to.equal("about:blank 42");
    } finally {
      await browser.close();
    }
  });

  // The package carries programs for this platform alone.
  if (process.platform !== "linux" || process.arch !== "x64") return;

  describe("where only npm brings one", () => {
    it("opens a page on it, with the libraries that came along", async () => {
      const { executablePath, env } = await findChromium(BARE);
      const { executablePath: unpacked, libraries } = await unpackChromium();
      expect(executablePath).to.equal(unpacked);
      expect(env["LD_LIBRARY_PATH"]?.split(":")[0]).to.equal(libraries);
      const linked = execFileSync("ldd", [executablePath], {
        env: { ...env, PATH: process.env.PATH },
        encoding: "utf8",
      });
      for (const name of ["libnspr4.so", "libnss3.so", "libexpat.so.1"]) {
        expect(linked).to.include(`${name} => ${join(libraries, name)}`);
      }
      const browser = await openBrowser(BARE);
      try {
        const page = await browser.newPage();
        await page.setContent("<h1>Corridor</h1>");
        expect(await page.locator("h1").innerText()).to.equal("Corridor");
      } finally {
        await browser.close();
      }
    });

    it("is whole for all who unpack it at once, and leaves nothing beside it", async () => {
      const cache = mkdtempSync(join(tmpdir(), "corridor-chromium-"));
      try {
        const unpacked = await Promise.all([unpackChromium(cache), unpackChromium(cache)]);
        for (const { executablePath } of unpacked) {
          expect(execFileSync(executablePath, ["--version"], { encoding: "utf8" })).to.match(/Chrom/);
        }
        expect(readdirSync(cache)).to.have.length(1);
      } finally {
        rmSync(cache, { recursive: true, force: true });
      }
    });
  });
});
