import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

import { expect } from "chai";
import { hexlify, randomBytes } from "ethers";
import type { Page } from "playwright-core";

import { invoiceMemo, newSalt } from "../../sdk/record/memo.ts";
import { chooseTestWallet, PAID, pressPay, waitForHeading } from "./payer.ts";
import { saveBy } from "./saved-file.ts";
import { DESKTOP, openStage, PHONE, type Stage } from "./stage.ts";

const INVOICE = "Invoice 7: two blue tiles, 12.50 euros";

describe("the auditor's pages in a browser", () => {
  let stage: Stage;
  let page: Page;
  let id: string;
  let receipt: string;
  const salt = newSalt();

  before(async () => {
    stage = await openStage();
    const request = await stage.ask({ memo: invoiceMemo(new TextEncoder().encode(INVOICE), salt) });
    const phone = await stage.open(`/pay/${request.id}`, PHONE);
    await chooseTestWallet(phone);
    await pressPay(phone);
    await waitForHeading(phone, PAID);
    await stage.checkAccess(phone, "a paid checkout");
    receipt = await saveBy(phone, "Save receipt");
    await phone.context().close();
    id = (await stage.client.paymentRequest(request.id)).paymentId ?? "";
    page = await stage.open("/audit", DESKTOP);
  });

  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const turnTo = (name: string) => page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
  const say = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const drop = (name: string, text: string) =>
    page.locator("input[type=file]").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });

  it("tells a payment's life from its id, with the signature checked in the browser", async () => {
    let asked = 0;
    page.on("request", (request) => {
      if (request.url().includes("/v1/") && !request.url().includes("/v1/network")) asked += 1;
    });
    await say("Check any record");
    await stage.checkAccess(page, "the search");
    await page.getByLabel("Payment id, memo, transaction hash or address").fill(id);
    await press("Find");
    await page.getByRole("link", { name: /0x/ }).first().click();
    await say("Valid: the payer signed exactly this");
    await say("Paid from an account");
    await stage.checkAccess(page, "the record of a payment");
    expect(JSON.parse(await saveBy(page, "Save as JSON"))).to.be.an("object");
    expect(asked, "questions to the relayer").to.equal(0);
  });

  it("follows it to its transaction and its parties", async () => {
    const payment = await stage.client.payment(id);
    await page.goto(`${stage.url}/audit/transactions/${payment.transactionHash ?? ""}`);
    await say("Payments in it:");
    await stage.checkAccess(page, "the record of a transaction");
    await page.goto(`${stage.url}/audit/accounts/${payment.payee}`);
    await say("The contract says the same");
    await stage.checkAccess(page, "the record of an account");
    expect((await saveBy(page, "Save as CSV")).split("\n")[0]).to.include("amount");
  });

  it("says of what was never paid that no event is about it", async () => {
    await page.goto(`${stage.url}/audit?q=${hexlify(randomBytes(32))}`);
    await say("No event is about this");
    await page.getByLabel("Payment id, memo, transaction hash or address").fill("0x12");
    await press("Find");
    await say("That is neither 32 bytes nor an address in hexadecimal digits.");
  });

  it("proves the reserves, over time", async () => {
    await turnTo("Reserves");
    await say("Covered");
    await page.getByRole("button", { name: "Show over time" }).first().click();
    await page.getByRole("radio", { name: "Table" }).first().waitFor({ state: "attached" });
    await stage.checkAccess(page, "the reserves");
    expect(await page.getByText("Not covered").count()).to.equal(0);
  });

  it("matches an invoice and its salt with the payment", async () => {
    await turnTo("Invoice");
    await say("Check an invoice");
    const check = async (text: string) => {
      await drop("invoice.json", text);
      await page.getByLabel("Salt").fill(salt);
      await page.getByLabel("Memo or payment id").fill(id);
      await press("Check");
    };
    await check(INVOICE);
    await say("It matches the payment");
    await stage.checkAccess(page, "the check of an invoice");
    await check(INVOICE.replace("12.50", "12.51"));
    await say("It does not match");
  });

  it("takes an honest receipt, and finds out a forged one", async () => {
    await turnTo("Receipt");
    await say("Check a receipt");
    await drop("receipt.json", receipt);
    await say("Everything that the receipt says holds");
    await say(/^It holds if block 0x[0-9a-f]{64} is in the chain$/);
    await stage.checkAccess(page, "the check of a receipt");
    const trusted = page.getByLabel("Hash of the payment's block");
    await trusted.fill(`0x${"7".repeat(64)}`);
    await say(/^its hash is 0x[0-9a-f]{64}, and 0x7+ is trusted$/);
    await trusted.fill((JSON.parse(receipt) as { blockHash: string }).blockHash);
    await page.getByText("Everything that the receipt says holds").nth(1).waitFor();
    await drop("receipt.json", receipt.replace("12500000", "12600000"));
    await say("Do not rely on this receipt");
    await drop("receipt.json", "{");
    await say("This is no receipt");
  });

  it("refuses a node of another chain, and one that does not answer", async () => {
    const server = createServer((request, response) => void answerAsMainnet(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await press("Change");
      // No deployment is committed of the chain of tests, nor need there be one of any other.
      await page
        .getByText(/^No deployment was built into this page/)
        .or(page.getByLabel("Deployment"))
        .waitFor();
      await page.getByLabel("RPC URL of the node").fill(url);
      await press("Check and use");
      await say("This node is of another chain");
      await stage.checkAccess(page, "the choice of a node");
    } finally {
      server.closeAllConnections();
      server.close();
    }
    await press("Check and use");
    await say("This node does not answer the browser");
    await page.context().close();
  });

  after(() => {
    expect(stage.faults).to.deep.equal([]);
  });
});

/** A node of chain 1, as far as it is asked before it is refused. */
async function answerAsMainnet(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("access-control-allow-origin", "*").setHeader("access-control-allow-headers", "*");
  if (request.method !== "POST") return void response.end();
  const asked = (await json(request)) as { id: number } | { id: number }[];
  const answer = ({ id }: { id: number }) => ({ jsonrpc: "2.0", id, result: "0x1" });
  response.end(JSON.stringify(Array.isArray(asked) ? asked.map(answer) : answer(asked)));
}
