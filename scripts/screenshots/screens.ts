import type { Page } from "playwright-core";

import type { ShopWindow } from "./shop-window.ts";

export interface Screen {
  readonly name: string;
  /** The browser's language, by BCP 47; English if absent. */
  readonly locale?: string;
  /** Leads a fresh browser to what is to be seen. */
  open(page: Page): Promise<void>;
}

/** Every screen of the console, in the order of its use. */
export function screensOf(shop: ShopWindow): Screen[] {
  const at = (path: string, text: string | RegExp) => async (page: Page) => {
    await page.goto(`${shop.url}${path}`);
    await page.getByText(text).filter({ visible: true }).first().waitFor();
  };
  const signedIn = (path: string, text: string | RegExp) => async (page: Page) => {
    await page.goto(`${shop.url}/merchant`);
    await page.getByRole("button", { name: "Lisbon Ceramics" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    await at(path, text)(page);
  };
  const funded = async (page: Page) => {
    await at(`/pay/${await shop.ask()}`, "Lisbon Ceramics")(page);
    await page.getByRole("button", { name: "Pay with the test wallet" }).click();
    await page.getByRole("button", { name: "Add test money" }).click();
    await page.getByText("What you sign").waitFor();
  };
  return [
    { name: "home", open: at("/", "Pay, sell and audit across borders") },
    { name: "checkout", open: at(`/pay/${shop.openRequest}`, "Make a passkey and pay") },
    { name: "checkout-sign", open: funded },
    {
      name: "checkout-paid",
      async open(page) {
        await funded(page);
        await page.getByRole("button", { name: /^Pay [\d.,]+/ }).click();
        await page.getByRole("heading", { name: "Paid for good" }).waitFor();
      },
    },
    { name: "checkout-held", locale: "zh-TW", open: at(`/pay/${shop.heldRequest}`, "建立通行密鑰並付款") },
    { name: "checkout-chinese", locale: "zh-CN", open: at(`/pay/${shop.openRequest}`, "创建通行密钥并付款") },
    { name: "merchant-sign-in", open: at("/merchant", "Sign in with your wallet") },
    { name: "merchant-overview", open: signedIn("/merchant", "Volume in") },
    { name: "merchant-requests", open: signedIn("/merchant/requests", "Six hand-painted plates") },
    { name: "merchant-new-request", open: signedIn("/merchant/requests/new", "What it is for") },
    { name: "merchant-request", open: signedIn(`/merchant/requests/${shop.openRequest}`, "Checkout link") },
    { name: "merchant-payments", open: signedIn("/merchant/payments", /^Paid$/) },
    { name: "merchant-payment", open: signedIn(`/merchant/payments/${shop.paymentId}`, "Proof on chain") },
    { name: "merchant-balances", open: signedIn("/merchant/balances", "Available") },
    { name: "merchant-developers", open: signedIn("/merchant/developers", "API keys") },
    { name: "audit-search", open: at("/audit", "Check any record") },
    { name: "audit-payment", open: at(`/audit/payments/${shop.paymentId}`, "Valid: the payer signed exactly this") },
    { name: "audit-transaction", open: at(`/audit/transactions/${shop.transactionHash}`, "Payments in it:") },
    { name: "audit-account", open: at(`/audit/accounts/${shop.merchant}`, "The contract says the same") },
    {
      name: "audit-reserves",
      async open(page) {
        await at("/audit/reserves", "Covered")(page);
        await page.getByRole("button", { name: "Show over time" }).first().click();
        await page.locator(".recharts-surface").first().waitFor();
      },
    },
    { name: "audit-invoice", open: at("/audit/invoice", "Check an invoice") },
    { name: "audit-receipt", open: at("/audit/receipt", "Check a receipt") },
  ];
}
