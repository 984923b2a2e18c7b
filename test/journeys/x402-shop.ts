import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { HTTPFacilitatorClient } from "@x402/core/server";
import type { Network, PaymentPayload, PaymentRequirements } from "@x402/core/types";
import { ExactEvmScheme as ExactEvmClient } from "@x402/evm/exact/client";
import { ExactEvmScheme as ExactEvmServer } from "@x402/evm/exact/server";
import { paymentMiddleware, x402ResourceServer } from "@x402/express";
import { declarePaymentIdentifierExtension, PAYMENT_IDENTIFIER } from "@x402/extensions/payment-identifier";
import { wrapFetchWithPayment, x402Client } from "@x402/fetch";
import { hexlify, MaxUint256, randomBytes, Wallet } from "ethers";
import express from "express";
import { privateKeyToAccount } from "viem/accounts";

import type { LocalStack } from "../../scripts/local/stack.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";

export const NETWORK: Network = "eip155:31337";
export type Method = "eip3009" | "permit2";
export const METHODS: readonly Method[] = ["eip3009", "permit2"];

/** Sells by x402: an express server with x402's own middleware, whose facilitator is the relayer. */
export class X402Shop {
  readonly facilitator: HTTPFacilitatorClient;
  /** Who is paid, by each method, through the middleware. */
  readonly payees: Readonly<Record<Method, string>> = { eip3009: newAddress(), permit2: newAddress() };
  url = "";
  /** How often something was handed out. */
  served = 0;
  #close: () => Promise<unknown> = () => Promise.resolve();

  private constructor(
    readonly stack: LocalStack,
    readonly price: bigint,
    relayerUrl: string,
  ) {
    this.facilitator = new HTTPFacilitatorClient({ url: `${relayerUrl}/x402` });
  }

  static async open(stack: LocalStack, price: bigint, relayerUrl = stack.relayerUrl): Promise<X402Shop> {
    const shop = new X402Shop(stack, price, relayerUrl);
    const server = new x402ResourceServer(shop.facilitator).register(NETWORK, new ExactEvmServer());
    const app = express();
    const routes = Object.fromEntries(METHODS.map((method) => [`GET /${method}`, shop.#route(method)]));
    app.use(paymentMiddleware(routes, server));
    for (const method of METHODS) {
      app.get(`/${method}`, (_request, response) => {
        shop.served += 1;
        response.json({ goods: method });
      });
    }
    const listening = app.listen(0, "127.0.0.1");
    await once(listening, "listening");
    shop.url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
    shop.#close = async () => {
      listening.closeAllConnections();
      await new Promise((resolve) => listening.close(resolve));
    };
    return shop;
  }

  #route(method: Method) {
    const { asset, amount, extra } = this.requirements(method, this.payees[method]);
    return {
      accepts: {
        ...{ scheme: "exact", network: NETWORK, payTo: this.payees[method], maxTimeoutSeconds: 300 },
        price: { asset, amount, extra },
      },
      description: method,
      extensions: { [PAYMENT_IDENTIFIER]: declarePaymentIdentifierExtension(false) },
    };
  }

  close(): Promise<unknown> {
    return this.#close();
  }

  get token(): string {
    return this.stack.deployment.dollar;
  }

  /** What a payment must be. */
  requirements(method: Method, payTo: string, changes: Partial<PaymentRequirements> = {}): PaymentRequirements {
    return {
      ...{ scheme: "exact", network: NETWORK, asset: this.token, amount: this.price.toString(), payTo },
      maxTimeoutSeconds: 300,
      extra: { name: "Test Dollar", version: "1", assetTransferMethod: method },
      ...changes,
    };
  }

  /** A payload that x402's own client signs. */
  async payload(
    payer: Wallet,
    requirements: PaymentRequirements,
    extensions?: Record<string, unknown>,
  ): Promise<PaymentPayload> {
    return x402ClientOf(payer).createPaymentPayload({
      ...{ x402Version: 2, resource: { url: "https://shop.example/goods" }, accepts: [requirements] },
      ...(extensions === undefined ? {} : { extensions }),
    });
  }

  /** Buys as a customer does, with x402's own client. */
  buy(payer: Wallet, method: Method): Promise<Response> {
    return wrapFetchWithPayment(fetch, x402ClientOf(payer))(`${this.url}/${method}`);
  }

  /** Payers with tokens that Permit2 may take, each of them. */
  async payers(count: number, funds: bigint): Promise<Wallet[]> {
    const { provider, deployer, deployment } = this.stack;
    const payers = Array.from({ length: count }, () => new Wallet(hexlify(randomBytes(32)), provider));
    const token = TestToken__factory.connect(this.token, deployer);
    for (const payer of payers) await (await token.mint(payer.address, funds)).wait();
    await Promise.all(
      payers.map(async (payer) => {
        await provider.send("hardhat_setBalance", [payer.address, "0xde0b6b3a7640000"]);
        await (await token.connect(payer).approve(deployment.permit2, MaxUint256)).wait();
      }),
    );
    return payers;
  }

  async payer(funds = this.price * 10n): Promise<Wallet> {
    const [payer] = await this.payers(1, funds);
    if (payer === undefined) throw new Error("no payer");
    return payer;
  }

  balanceOf(owner: string): Promise<bigint> {
    return TestToken__factory.connect(this.token, this.stack.provider).balanceOf(owner);
  }
}

export function newAddress(): string {
  return new Wallet(hexlify(randomBytes(32))).address;
}

function x402ClientOf(payer: Wallet): x402Client {
  const account = privateKeyToAccount(payer.privateKey as `0x${string}`);
  return new x402Client().register("eip155:*", new ExactEvmClient(account)).setSpendControls(false);
}
