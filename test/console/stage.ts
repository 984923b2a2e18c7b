import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { hexlify, randomBytes } from "ethers";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { removeEmbeddedPostgres } from "../../relayer/store/postgres/embedded-postgres.ts";
import { openBrowser } from "../../scripts/browser/chromium.ts";
import { freePort } from "../../scripts/local/free-port.ts";
import { deadlineIn, type Merchant, openMerchants } from "../../scripts/local/market.ts";
import { sayProfiles } from "../../scripts/local/requests.ts";
import { type LocalStack, startLocalStack } from "../../scripts/local/stack.ts";
import { CorridorClient, type NewPaymentRequest, type PaymentRequestView } from "../../sdk/client.ts";
import { accessFaults } from "./accessibility.ts";

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
export const DESKTOP = { viewport: { width: 1280, height: 860 } };

/** A running stack with its console, merchants who have shown themselves, and a browser. */
export interface Stage {
  readonly stack: LocalStack;
  readonly browser: Browser;
  /** With the operator's key. */
  readonly client: CorridorClient;
  /** Where the console is. Passkeys need a name that is a host's. */
  readonly url: string;
  readonly merchants: readonly Merchant[];
  /** A page of a browser of its own, which collects what goes wrong in it. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** Has the first merchant ask for 12.50 euros, or what is said otherwise. */
  ask(changes?: Partial<NewPaymentRequest>): Promise<PaymentRequestView>;
  /** Holds a page against the rules of accessibility; what it finds are faults. */
  checkAccess(page: Page, name: string): Promise<void>;
  /** What went wrong in any page: errors that nobody caught, what the content security policy stopped, what few can read. */
  readonly faults: string[];
}

let opening: Promise<Stage> | undefined;
let close: () => Promise<void> = () => Promise.resolve();

/** The stage of all tests of the console: opened by the first, closed after the last. */
export function openStage(): Promise<Stage> {
  return (opening ??= open());
}

after(async () => {
  await close();
});

async function open(): Promise<Stage> {
  const dataFolder = await mkdtemp(join(tmpdir(), "corridor-console-"));
  const stack = await startLocalStack({ chainPort: 0, port: await freePort(), dataFolder, hasMaker: true });
  const browser = await openBrowser();
  close = async () => {
    await browser.close();
    await stack.stop();
    await removeEmbeddedPostgres(dataFolder);
  };
  const client = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
  const merchants = await openMerchants(stack);
  await sayProfiles(client);
  const url = stack.relayerUrl.replace("127.0.0.1", "localhost");
  const faults: string[] = [];
  return {
    ...{ stack, browser, client, url, merchants, faults },
    async open(path, options = PHONE) {
      const context = await browser.newContext({ locale: "en-GB", ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      page.on("pageerror", (error) => faults.push(`${page.url()}: ${error.message}`));
      page.on("console", (message) => {
        if (message.text().includes("Content Security Policy")) faults.push(`${page.url()}: ${message.text()}`);
      });
      await page.goto(`${url}${path}`);
      return page;
    },
    async checkAccess(page, name) {
      faults.push(...(await accessFaults(page, name)));
    },
    async ask(changes = {}) {
      const [merchant] = merchants;
      if (merchant === undefined) throw new Error("No merchant");
      return client.createPaymentRequest(
        {
          ...{ merchant: merchant.wallet.address, token: merchant.token, amount: "12500000" },
          ...{ memo: hexlify(randomBytes(32)), capture: "automatic", title: "Two blue tiles" },
          expiresAt: String(await deadlineIn(stack, 3_600n)),
          ...changes,
        },
        crypto.randomUUID(),
      );
    },
  };
}
