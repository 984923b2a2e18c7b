import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

import { expect } from "chai";
import { hexlify, randomBytes, Wallet } from "ethers";

import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { fund } from "../journeys/test-maker.ts";
import { injectWallet } from "./injected-wallet.ts";
import { addAuthenticator } from "./passkeys.ts";
import { chooseTestWallet, fillAccount, PAID, pressPay, waitForHeading } from "./payer.ts";
import { DESKTOP, openStage, PHONE, type Stage } from "./stage.ts";

/** Compressed JavaScript of the first load of a checkout. {bytes} */
const BUDGET = 250_000;

describe("the checkout in a browser", () => {
  let stage: Stage;

  before(async () => {
    stage = await openStage();
  });

  it("takes a passkey, made with one touch and used with one", async () => {
    const { id } = await stage.ask();
    const page = await stage.open("/merchant");
    await addAuthenticator(page);
    await page.goto(`${stage.url}/pay/${id}`);
    await page.getByText("Lisbon Ceramics").waitFor();
    await page.getByRole("button", { name: "Make a passkey and pay" }).click();
    await fillAccount(page);
    await pressPay(page);
    await waitForHeading(page, PAID);
    const paid = await stage.client.paymentRequest(id);
    expect(paid.status).to.equal("succeeded");

    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save receipt" }).click();
    const receipt = await readFile(await (await saving).path(), "utf8");
    expect(receipt).to.include(String(paid.paymentId));

    // The same passkey pays again, as this browser knows it.
    const again = await stage.ask();
    await page.goto(`${stage.url}/pay/${again.id}`);
    await page.getByRole("button", { name: /^Pay with passkey 0x/ }).click();
    await pressPay(page);
    await waitForHeading(page, PAID);
    const payers = await Promise.all(
      [id, again.id].map(async (request) => {
        const { paymentId } = await stage.client.paymentRequest(request);
        return (await stage.client.payment(paymentId ?? "")).payer;
      }),
    );
    expect(new Set(payers)).to.have.property("size", 1);
    await page.context().close();
  });

  it("shows on the laptop what was paid on the phone that read its code", async () => {
    const { id } = await stage.ask();
    const laptop = await stage.open(`/pay/${id}`, DESKTOP);
    await laptop.getByRole("img", { name: "Code that leads to this page" }).waitFor();
    const phone = await stage.open(`/pay/${id}`, PHONE);
    await chooseTestWallet(phone);
    await pressPay(phone);
    await waitForHeading(phone, PAID);
    await waitForHeading(laptop, PAID);
    await Promise.all([laptop.context().close(), phone.context().close()]);
  });

  it("has the browser's wallet change its network and sign, in another currency, once its owner agrees", async () => {
    const { id } = await stage.ask();
    const wallet = new Wallet(hexlify(randomBytes(32)));
    await fund(stage.stack, stage.stack.deployment.dollar, wallet.address, 100_000_000n);
    const page = await stage.open("/merchant");
    const rpc = (method: string, params: readonly unknown[]) => stage.stack.provider.send(method, [...params]);
    const behaviour = await injectWallet(page.context(), wallet, 1n, rpc);
    await page.goto(`${stage.url}/pay/${id}`);

    behaviour.agrees = false;
    await page.getByRole("button", { name: "Test Wallet", exact: true }).click();
    await page.getByText("The wallet is on another network").waitFor();
    behaviour.agrees = true;
    await page.getByRole("button", { name: "Test Wallet", exact: true }).click();
    await page.getByRole("radio", { name: /tUSD/ }).click();
    await page.getByText(/^1 tEUR = tUSD /).waitFor();
    expect(behaviour.chainId).to.equal(LOCAL_CHAIN_ID);

    behaviour.agrees = false;
    await pressPay(page);
    await page.getByText("It was cancelled, or took too long. Nothing was paid.").waitFor();
    expect((await stage.client.paymentRequest(id)).paymentId).to.equal(null);
    behaviour.agrees = true;
    await pressPay(page);
    await waitForHeading(page, PAID);
    const { paymentId } = await stage.client.paymentRequest(id);
    const payment = await stage.client.payment(paymentId ?? "");
    expect(payment).to.deep.include({ payer: wallet.address, token: stage.stack.deployment.dollar });
    expect(payment.exchange?.settleAmount).to.equal("12500000");
    await page.context().close();
  });

  it("pays out of the tokens that a wallet holds, without an account", async () => {
    const { id } = await stage.ask();
    const wallet = new Wallet(hexlify(randomBytes(32)));
    const { deployer, deployment, provider } = stage.stack;
    const token = TestToken__factory.connect(deployment.euro, deployer);
    await (await token.mint(wallet.address, 12_500_000n)).wait();
    const page = await stage.open("/merchant");
    await injectWallet(page.context(), wallet, LOCAL_CHAIN_ID, (method, params) => provider.send(method, [...params]));
    await page.goto(`${stage.url}/pay/${id}`);
    await page.getByRole("button", { name: "Test Wallet", exact: true }).click();
    await page.getByRole("radio", { name: /In your wallet/ }).click();
    await pressPay(page);
    await waitForHeading(page, PAID);
    expect(await token.balanceOf(wallet.address)).to.equal(0n);
    await page.context().close();
  });

  it("says of held money that it is held", async () => {
    const deadline = async (seconds: bigint) => String(await deadlineIn(stage.stack, seconds));
    const { id } = await stage.ask({
      capture: "manual",
      hold: {
        ...{ splits: [], captureDeadline: await deadline(7_200n), refundDeadline: await deadline(9_000n) },
        ...{ arbiter: Wallet.createRandom().address, rulingPeriod: "3600", defaultPayerBps: 5_000 },
      },
    });
    const page = await stage.open(`/pay/${id}`);
    await chooseTestWallet(page);
    await pressPay(page);
    await waitForHeading(page, /^Held for you$/);
    expect(await page.getByRole("heading", { name: PAID }).count()).to.equal(0);
    await page.context().close();
  });

  it("pays once when the answer is lost on the way, and goes on after a reload", async () => {
    const { id } = await stage.ask();
    const page = await stage.open(`/pay/${id}`);
    await chooseTestWallet(page);
    let lost = 0;
    await page.route("**/v1/payments", async (route) => {
      // It arrives, and nobody hears the answer.
      await route.fetch().catch(() => undefined);
      lost += 1;
      await route.abort();
    });
    await pressPay(page);
    await page.getByRole("heading", { name: /^(Accepted|On its way|Paid)/ }).waitFor();
    await page.reload();
    await waitForHeading(page, PAID);
    expect(lost).to.be.greaterThan(0);
    const [merchant] = stage.merchants;
    const { payments } = await stage.client.payments({ merchant: merchant?.wallet.address ?? "", request: id });
    expect(payments).to.have.length(1);
    await page.context().close();
  });

  it("says that a request is over, or never was, and that nothing was taken", async () => {
    const { id } = await stage.ask({ expiresAt: String(await deadlineIn(stage.stack, 2n)) });
    const page = await stage.open(`/pay/${id}`);
    await page.getByText("This request has expired").waitFor();
    await page.goto(`${stage.url}/pay/00000000-0000-8000-8000-000000000000`);
    await page.getByText("That was refused").waitFor();
    await page.context().close();
  });

  it(`loads less than ${BUDGET} bytes of compressed scripts at first`, async () => {
    const { id } = await stage.ask();
    const page = await stage.open("/docs");
    let bytes = 0;
    page.on("response", (response) => {
      if (!response.url().endsWith(".js")) return;
      void response.body().then((body) => {
        bytes += gzipSync(body).length;
      });
    });
    await page.goto(`${stage.url}/pay/${id}`);
    await page.getByRole("button", { name: "Make a passkey and pay" }).waitFor();
    await page.waitForLoadState("networkidle");
    expect(bytes).to.be.greaterThan(50_000).and.lessThan(BUDGET);
    await page.context().close();
  });

  after(() => {
    expect(stage.faults).to.deep.equal([]);
  });
});
