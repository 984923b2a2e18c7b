import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect } from "chai";
import type { Page } from "playwright-core";

import { deadlineIn } from "../../scripts/local/market.ts";
import { CorridorClient } from "../../sdk/client.ts";
import { invoiceMemo } from "../../sdk/record/memo.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { chooseTestWallet, PAID, pressPay, waitForHeading } from "./payer.ts";
import { saveBy } from "./saved-file.ts";
import { DESKTOP, openStage, PHONE, type Stage } from "./stage.ts";

describe("the merchant's pages in a browser", () => {
  let stage: Stage;
  let page: Page;

  before(async () => {
    stage = await openStage();
    page = await stage.open("/merchant", DESKTOP);
  });

  const heading = (name: string | RegExp) => page.getByRole("heading", { name }).first().waitFor();
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const turnTo = (name: string) =>
    page.getByRole("navigation", { name: "Merchant's pages" }).getByRole("link", { name, exact: true }).click();

  it("signs in by a wallet's signature, without a password", async () => {
    await heading("Merchant");
    await stage.checkAccess(page, "the sign-in page");
    await press("Lisbon Ceramics");
    await heading("Overview");
    await page.reload();
    await heading("Overview");
    await stage.checkAccess(page, "the overview");
    const kept = await page.evaluate(() =>
      [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie].join(),
    );
    expect(kept, "a session's token in reach of scripts").not.to.include("corridor_session");
  });

  it("asks for a payment, is paid, and proves what it was for", async () => {
    await turnTo("Payment requests");
    await heading("Payment requests");
    await stage.checkAccess(page, "the payment requests");
    await page.getByRole("link", { name: "New payment request" }).click();
    await page.getByLabel("What it is for").fill("Four bowls <b>blue</b>");
    await press("Create");
    await page.getByText("A positive number").waitFor();
    await page.getByLabel("Amount").fill("36.40");
    await stage.checkAccess(page, "the form of a payment request");
    await press("Create");
    await heading("Payment request created");
    const { salt } = JSON.parse(await saveBy(page, "Save salt")) as { salt: string };
    const invoice = await saveBy(page, "Save invoice");
    await page.getByRole("link", { name: "Go to the payment request" }).click();
    await page.getByText("Nobody has paid yet").waitFor();
    await stage.checkAccess(page, "a payment request");

    const link = await page.getByRole("link", { name: /\/pay\// }).innerText();
    const phone = await stage.open(new URL(link).pathname, PHONE);
    await phone.getByText("Four bowls <b>blue</b>").waitFor();
    await chooseTestWallet(phone);
    await pressPay(phone);
    await waitForHeading(phone, PAID);
    await phone.context().close();
    await page.getByText("Paid", { exact: true }).first().waitFor();

    await page
      .getByRole("link", { name: /^Open payment/ })
      .first()
      .click();
    await heading("Timeline");
    await heading("Proof on chain");
    await stage.checkAccess(page, "a payment");
    const id = page.url().split("/").at(-1) ?? "";
    const payment = await stage.client.payment(id);
    expect(payment).to.deep.include({ amount: "36400000", memo: invoiceMemo(new TextEncoder().encode(invoice), salt) });
  });

  it("finds payments by filters and exports them", async () => {
    await turnTo("Payments");
    await heading("Payments");
    await page
      .getByRole("link", { name: /^Open payment/ })
      .first()
      .waitFor();
    await stage.checkAccess(page, "the payments");
    const rows = (await saveBy(page, "Export CSV")).trim().split("\n");
    expect(rows.length).to.be.greaterThan(1);
    expect(rows[0]).to.include("amount");
    expect(rows.join()).to.include("36.4");
  });

  it("holds a file of orders against what was paid, and saves what came of it", async () => {
    await turnTo("Reconciliation");
    await heading("Reconcile orders");
    const { payments } = await stage.client.payments({ merchant: stage.merchants[0]?.wallet.address ?? "" });
    const paid = payments.find(({ amount }) => amount === "36400000");
    const { currencies } = await stage.client.network();
    const code = currencies.find(({ token }) => token === paid?.token)?.code ?? "";
    const orders = [
      "Order No.;Amount;Currency;Payment",
      `A-1;36,40;${code};${paid?.id ?? ""}`,
      `=A-2;1.250,00;${code};0x${"7".repeat(64)}`,
    ];
    const drop = (text: string) =>
      page
        .locator("input[type=file]")
        .setInputFiles({ name: "orders.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await drop(orders.join("\r\n"));
    await heading("Orders and payments");
    await page.getByText("=A-2", { exact: true }).waitFor();
    await page.getByText("Nothing was paid for it").waitFor();
    await stage.checkAccess(page, "a reconciliation");
    await page.getByText("Paid (1)", { exact: true }).click();
    await page.getByText("A-1", { exact: true }).waitFor();
    await page.getByRole("link", { name: /^Open payment/ }).waitFor();
    const rows = (await saveBy(page, "Save as CSV")).split("\r\n");
    expect(rows.find((row) => row.includes("A-1"))).to.match(/^matched,,2,A-1,,t[A-Z]{3},36\.4,36\.4,0,0x/);
    expect(rows.find((row) => row.includes("A-2"))).to.match(/^missing,not_paid,3,'=A-2,,t[A-Z]{3},1250,0,-1250,/);
    await page.getByLabel("Amounts in the file").selectOption({ label: "1,234.50" });
    await page.getByRole("alert").getByText("an amount with a decimal point").waitFor();
    await drop("Order;Amount\nA-1;1");
    await page.getByRole("alert").getByText("a header row that names currency").waitFor();
  });

  it("captures held money and gives it back", async () => {
    const deadline = async (seconds: bigint) => String(await deadlineIn(stage.stack, seconds));
    const { id } = await stage.ask({
      capture: "manual",
      hold: {
        ...{ splits: [], captureDeadline: await deadline(7_200n), refundDeadline: await deadline(9_000n) },
        ...{ arbiter: "0x0000000000000000000000000000000000000000", rulingPeriod: "0", defaultPayerBps: 0 },
      },
    });
    const phone = await stage.open(`/pay/${id}`);
    await chooseTestWallet(phone);
    await pressPay(phone);
    await waitForHeading(phone, /^Held for you$/);

    const { paymentId } = await stage.client.paymentRequest(id);
    await page.goto(`${stage.url}/merchant/payments/${paymentId ?? ""}`);
    await press("Capture");
    const dialog = page.getByRole("dialog");
    await dialog
      .getByText("stays held", { exact: false })
      .or(dialog.getByText("Nothing stays held."))
      .first()
      .waitFor();
    await stage.checkAccess(page, "the dialog of a capture");
    await dialog.getByRole("button", { name: "Sign" }).click();
    await page.getByText("Done: Capture").waitFor();
    await waitForHeading(phone, PAID);

    await press("Refund");
    await page.getByLabel("Amount (tEUR)").fill("2.50");
    await dialog.getByRole("button", { name: "Sign the approval" }).click();
    await dialog.getByRole("button", { name: "Sign", exact: true }).and(dialog.locator(":enabled")).click();
    await page.getByText("Done: Refund").waitFor();
    const { hold } = await stage.client.payment(paymentId ?? "");
    expect(hold).to.deep.include({ captured: "12500000", refunded: "2500000" });
    await phone.context().close();
  });

  it("takes money out of her account", async () => {
    const [merchant] = stage.merchants;
    if (merchant === undefined) throw new Error("No merchant");
    const ledger = Ledger__factory.connect(stage.stack.deployment.ledger, stage.stack.provider);
    const balance = () => ledger.balanceOf(merchant.wallet.address, BigInt(merchant.token));
    const before = await balance();
    await turnTo("Balances");
    await heading("Balances");
    await stage.checkAccess(page, "the balances");
    await page.getByRole("region", { name: /Euro/ }).getByRole("button", { name: "Withdraw" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Amount in tEUR, fee included").fill("1000000");
    await dialog.getByRole("button", { name: "Review" }).click();
    await dialog.getByText("That is more than is available.").waitFor();
    await dialog.getByLabel("Amount in tEUR, fee included").fill("5.25");
    await dialog.getByRole("button", { name: "Review" }).click();
    await dialog.getByText("You are about to sign").waitFor();
    await stage.checkAccess(page, "the review of a withdrawal");
    await dialog.getByRole("button", { name: "Sign and withdraw" }).click();
    await dialog.getByText(/^(Done|Final)$/).waitFor();
    expect(before - (await balance())).to.equal(5_250_000n);
    await dialog.getByRole("button", { name: "Close" }).last().click();
  });

  it("makes an API key that is shown once, works, and is revoked", async () => {
    await turnTo("Developers");
    await heading("Developers");
    await press("Make a key");
    await page.getByLabel("Name of the key").fill("Till 3");
    await press("Make");
    const secret = await page.getByRole("dialog").locator("pre").innerText();
    await stage.checkAccess(page, "a secret that is shown");
    await press("I have kept it");
    const client = new CorridorClient(stage.stack.relayerUrl, { apiKey: secret });
    expect((await client.payments({ limit: "1" })).payments).to.have.length(1);
    await page.reload();
    await page.getByText("Till 3").waitFor();
    expect(await page.content()).not.to.include(secret);
    await stage.checkAccess(page, "the developers' page");
    await press("Revoke");
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("Revoked", { exact: true }).waitFor();
  });

  it("has messages delivered to a server of her own, and sends them again", async () => {
    let heard = 0;
    const server = createServer((_, response) => {
      heard += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      await press("Add an endpoint");
      await page.getByLabel("URL").fill(`http://127.0.0.1:${(server.address() as AddressInfo).port}/corridor`);
      await press("Make");
      await page.getByText("This is shown once").waitFor();
      await press("I have kept it");
      await press("Send a test");
      await page.locator(".mantine-Badge-label", { hasText: "Delivered" }).waitFor();
      expect(heard).to.equal(1);
      await stage.checkAccess(page, "the messages of an endpoint");
      await press("Send again");
      while (heard < 2) await page.waitForTimeout(100);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("signs out, after which the session is worth nothing", async () => {
    const [cookie] = await page.context().cookies();
    expect(cookie).to.deep.include({ name: "corridor_session", httpOnly: true, sameSite: "Strict" });
    await press("Sign out");
    await heading("Merchant");
    const answer = await fetch(`${stage.stack.relayerUrl}/v1/sessions/current`, {
      headers: { cookie: `corridor_session=${cookie?.value ?? ""}` },
    });
    expect(answer.status).to.equal(401);
    await page.context().close();
  });

  after(() => {
    expect(stage.faults).to.deep.equal([]);
  });
});
