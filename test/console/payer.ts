import type { Page } from "playwright-core";

/** Chooses the browser's test wallet and has the demonstration's bank fill it. */
export async function chooseTestWallet(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Pay with the test wallet" }).click();
  await fillAccount(page);
}

export async function fillAccount(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Add test money" }).click();
  await page.getByText("What you sign").waitFor();
}

/** Presses the button that signs and pays. */
export async function pressPay(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Pay [\d.,]+/ }).click();
}

/** Waits until the page says so in its heading. */
export async function waitForHeading(page: Page, name: RegExp): Promise<void> {
  await page.getByRole("heading", { name }).waitFor();
}

export const PAID = /^Paid( for good)?$/;
