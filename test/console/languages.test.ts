import { expect } from "chai";
import type { Page } from "playwright-core";

import common from "../../web/locales/zh-CN/common.json" with { type: "json" };
import simplified from "../../web/locales/zh-CN/checkout.json" with { type: "json" };
import traditional from "../../web/locales/zh-TW/checkout.json" with { type: "json" };
import { openStage, type Stage } from "./stage.ts";

const SMALL_PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const WIDE_SCREEN = { viewport: { width: 1440, height: 900 } };

describe("the console's languages", () => {
  let stage: Stage;

  before(async () => {
    stage = await openStage();
  });

  const languageOf = (page: Page) => page.evaluate(() => document.documentElement.lang);

  it("lets a payer pay in Chinese on a small phone in large type", async () => {
    const { id } = await stage.ask();
    const page = await stage.open(`/pay/${id}`, { ...SMALL_PHONE, locale: "zh-Hans-CN" });
    await page.getByRole("button", { name: common.largeType }).click();
    await page.getByRole("button", { name: simplified.wallet.test }).click();
    await stage.checkAccess(page, "a checkout in large type");
    await page.getByRole("button", { name: simplified.from.short.give }).click();
    await page.getByText(simplified.sign.title).waitFor();
    await stage.checkAccess(page, "what is signed, in large type");
    expect(await languageOf(page)).to.equal("zh-CN");
    await page.getByRole("button", { name: new RegExp(`^${simplified.from.pay}`) }).click();
    const { settled, final } = simplified.live.states;
    await page.getByRole("heading", { name: new RegExp(`^(${settled}|${final})$`) }).waitFor();
    await page.context().close();
  });

  it("takes the traditional characters of Hong Kong's readers, changes at once, and remembers", async () => {
    const { id } = await stage.ask();
    const page = await stage.open(`/pay/${id}`, { ...WIDE_SCREEN, locale: "zh-HK" });
    await page.getByRole("button", { name: traditional.wallet.newPasskey }).waitFor();
    expect(await languageOf(page)).to.equal("zh-TW");
    await page.getByRole("combobox").selectOption({ label: "English" });
    await page.getByRole("button", { name: "Make a passkey and pay" }).waitFor();
    expect(await languageOf(page)).to.equal("en");
    await page.reload();
    await page.getByRole("button", { name: "Make a passkey and pay" }).waitFor();
    await stage.checkAccess(page, "a checkout on a wide screen");
    await page.goto(stage.url);
    await page.getByText("Pay, sell and audit across borders").waitFor();
    await stage.checkAccess(page, "the first page");
    await page.context().close();
  });

  after(() => {
    expect(stage.faults).to.deep.equal([]);
  });
});
