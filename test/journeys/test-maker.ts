import { createServer, type Server } from "node:http";

import { hexlify, randomBytes, Wallet } from "ethers";

import { deadlineIn, LOCAL_CHAIN_ID } from "../../scripts/local/market.ts";
import { type LocalStack, localKey } from "../../scripts/local/stack.ts";
import { signQuote } from "../../sdk/exchange-typed-data.ts";
import type { Quote } from "../../sdk/quote.ts";
import { Ledger__factory } from "../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { Exchange__factory } from "../../typechain-types/factories/contracts/schemes/Exchange__factory.ts";

interface Question {
  readonly payToken?: string;
  readonly settleToken: string;
  readonly settleAmount: string;
}

/** A maker whose rates, times and capacity a test sets. Speaks the protocol of docs/quotes.md. */
export class TestMaker {
  readonly wallet: Wallet;
  /** By `pay:settle`, what so much of the settlement token costs in the pay token. */
  readonly rates = new Map<string, { readonly pay: bigint; readonly settle: bigint }>();
  ttlSeconds = 60n;
  /** What each quote gives; by default much more than is asked for. */
  capacity: bigint | undefined;
  #stack: LocalStack | undefined;

  private constructor(
    readonly url: string,
    readonly server: Server,
    key: string,
  ) {
    this.wallet = new Wallet(key);
  }

  /** Listens before there is a chain, as the relayer is told of it when it starts. */
  static async listen(): Promise<TestMaker> {
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        void maker.#answer(JSON.parse(Buffer.concat(parts).toString()) as Question).then((quotes) => {
          response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ quotes }));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const maker: TestMaker = new TestMaker(`http://127.0.0.1:${address.port}`, server, localKey(16).privateKey);
    return maker;
  }

  /** Stocks the maker, who allows the Exchange to take all of it. */
  async open(stack: LocalStack, inventory: bigint): Promise<void> {
    this.#stack = stack;
    for (const token of [stack.deployment.dollar, stack.deployment.euro, stack.deployment.yen]) {
      await fund(stack, token, this.wallet.address, inventory);
    }
    await (await this.ledger().setOperator(stack.deployment.exchange, true)).wait();
  }

  ledger() {
    return Ledger__factory.connect(this.stack.deployment.ledger, this.wallet.connect(this.stack.provider));
  }

  exchange() {
    return Exchange__factory.connect(this.stack.deployment.exchange, this.wallet.connect(this.stack.provider));
  }

  setRate(payToken: string, settleToken: string, pay: bigint, settle: bigint): void {
    this.rates.set(`${payToken}:${settleToken}`, { pay, settle });
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }

  private get stack(): LocalStack {
    if (this.#stack === undefined) throw new Error("The maker has no chain yet");
    return this.#stack;
  }

  async #answer({ payToken, settleToken, settleAmount }: Question): Promise<unknown[]> {
    const domain = { chainId: LOCAL_CHAIN_ID, exchange: this.stack.deployment.exchange };
    const quotes: unknown[] = [];
    for (const [pair, { pay, settle }] of this.rates) {
      const [from = "", to = ""] = pair.split(":");
      if (to !== settleToken || (payToken !== undefined && from !== payToken)) continue;
      const capacity = this.capacity ?? BigInt(settleAmount) * 100n;
      const quote: Quote = {
        ...{ maker: this.wallet.address, payToken: from, settleToken: to, settleAmount: capacity },
        payAmount: (capacity * pay + settle - 1n) / settle,
        generation: await this.exchange().generationOf(this.wallet.address),
        deadline: await deadlineIn(this.stack, this.ttlSeconds),
        salt: hexlify(randomBytes(32)),
      };
      const members = Object.entries(quote).map(([key, value]: [string, string | bigint]) => [key, value.toString()]);
      quotes.push({
        quote: Object.fromEntries(members) as unknown,
        signature: await signQuote(this.wallet, domain, quote),
      });
    }
    return quotes;
  }
}

/** Mints and deposits. */
export async function fund(stack: LocalStack, token: string, owner: string, amount: bigint): Promise<void> {
  const coin = TestToken__factory.connect(token, stack.deployer);
  await (await coin.mint(await stack.deployer.getAddress(), amount)).wait();
  await (await coin.approve(stack.deployment.ledger, amount)).wait();
  await (await Ledger__factory.connect(stack.deployment.ledger, stack.deployer).deposit(token, owner, amount)).wait();
}
