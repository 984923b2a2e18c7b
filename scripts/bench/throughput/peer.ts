import { x402Facilitator } from "@x402/core/facilitator";
import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";
import { toFacilitatorEvmSigner } from "@x402/evm";
import { ExactEvmScheme as ExactEvmClient } from "@x402/evm/exact/client";
import { registerExactEvmScheme } from "@x402/evm/exact/facilitator";
import { Wallet } from "ethers";
import { createWalletClient, defineChain, http, publicActions } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

import { TestToken__factory } from "../../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { LOCAL_CHAIN_ID } from "../../local/market.ts";
import { type LocalStack, localKey } from "../../local/stack.ts";
import { round } from "./figures.ts";

export interface PeerFigures {
  readonly sequentialPerSecond: number;
  /** Those that settled. */
  readonly concurrent16PerSecond: number;
  readonly concurrent16Failures: number;
}

const SEQUENTIAL = 200;
const CONCURRENT = 400;
const AT_ONCE = 16;
const AMOUNT = 1_000_000n;

interface Signed {
  readonly payload: PaymentPayload;
  readonly requirements: PaymentRequirements;
}

/**
 * The official x402 facilitator of npm's `@x402/evm`, as its README sets it up, on the same chain and token: ERC-3009
 * authorizations signed beforehand, verified and settled one at a time and sixteen at a time. Its wait for receipts polls
 * every 5 ms instead of viem's seconds, as blocks come at once here.
 */
export async function measurePeer(stack: LocalStack): Promise<PeerFigures> {
  const chain = defineChain({
    id: Number(LOCAL_CHAIN_ID),
    name: "Local",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [stack.chain.url] } },
  });
  const account = privateKeyToAccount(localKey(16).privateKey as `0x${string}`);
  const client = createWalletClient({ account, chain, transport: http(), pollingInterval: 5 }).extend(publicActions);
  // The README does the same; by their types alone viem and @x402/evm do not quite fit.
  const wallet = { ...client, address: account.address } as unknown as Parameters<typeof toFacilitatorEvmSigner>[0];
  const signer = toFacilitatorEvmSigner(wallet);
  const network = `eip155:${LOCAL_CHAIN_ID}` as const;
  const facilitator = registerExactEvmScheme(new x402Facilitator(), { signer, networks: network });

  const settle = async ({ payload, requirements }: Signed): Promise<boolean> => {
    try {
      const verified = await facilitator.verify(payload, requirements);
      return verified.isValid && (await facilitator.settle(payload, requirements)).success;
    } catch {
      return false;
    }
  };

  const sequential = await authorize(stack, network, SEQUENTIAL + 10);
  for (const warmUp of sequential.splice(0, 10)) await settle(warmUp);
  const startedAlone = performance.now();
  let alone = 0;
  for (const signed of sequential) alone += Number(await settle(signed));
  const aloneMs = performance.now() - startedAlone;

  const concurrent = await authorize(stack, network, CONCURRENT);
  const startedTogether = performance.now();
  let together = 0;
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (;;) {
        const signed = concurrent[next];
        next += 1;
        if (signed === undefined) return;
        together += Number(await settle(signed));
      }
    }),
  );
  const togetherMs = performance.now() - startedTogether;
  return {
    sequentialPerSecond: round((alone * 1_000) / aloneMs, 1),
    concurrent16PerSecond: round((together * 1_000) / togetherMs, 1),
    concurrent16Failures: CONCURRENT - together,
  };
}

/** As many payments, signed by the official client, of a payer who has the money. */
async function authorize(stack: LocalStack, network: `eip155:${string}`, count: number): Promise<Signed[]> {
  const asset = stack.deployment.dollar;
  const payer = privateKeyToAccount(generatePrivateKey());
  const coin = TestToken__factory.connect(asset, stack.deployer);
  await (await coin.mint(payer.address, AMOUNT * BigInt(count))).wait();
  const client = new ExactEvmClient(payer);
  const requirements: PaymentRequirements = {
    scheme: "exact",
    network,
    asset,
    amount: AMOUNT.toString(),
    payTo: Wallet.createRandom().address,
    maxTimeoutSeconds: 3_600,
    extra: { name: "Test Dollar", version: "1" },
  };
  const resource = { url: "https://example.com/", description: "", mimeType: "text/plain" };
  const signed: Signed[] = [];
  for (let index = 0; index < count; index += 1) {
    const { payload } = await client.createPaymentPayload(2, requirements);
    signed.push({ payload: { x402Version: 2, accepted: requirements, resource, payload }, requirements });
  }
  return signed;
}
