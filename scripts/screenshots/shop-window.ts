import { randomUUID } from "node:crypto";

import { hexlify, randomBytes } from "ethers";

import { CorridorClient } from "../../sdk/client.ts";
import { isDecided } from "../../sdk/payment.ts";
import {
  composeOrders,
  deadlineIn,
  openMerchants,
  openPayers,
  type SignedPayment,
  submitAll,
} from "../local/market.ts";
import { askForOrders, leaveOpen, sayProfiles } from "../local/requests.ts";
import type { LocalStack } from "../local/stack.ts";

/** What there is to be seen. */
export interface ShopWindow {
  /** Of the console. */
  readonly url: string;
  readonly client: CorridorClient;
  /** A payment that is final. */
  readonly paymentId: string;
  readonly transactionHash: string;
  readonly merchant: string;
  /** A payment request of the first merchant's that is open. */
  readonly openRequest: string;
  /** Of one that is held first. */
  readonly heldRequest: string;
  /** Makes another payment request, to be paid. */
  ask(): Promise<string>;
}

const PAYMENTS = 60;

/** Lets sixty payments settle and leaves payment requests open. */
export async function dressShopWindow(stack: LocalStack): Promise<ShopWindow> {
  const client = new CorridorClient(stack.relayerUrl, { apiKey: stack.operatorKey });
  const merchants = await openMerchants(stack);
  await sayProfiles(client);
  const payers = await openPayers(stack, 10, 1_000_000_000n);
  const orders = await askForOrders(client, await composeOrders(stack, payers, merchants, PAYMENTS));
  const signed: SignedPayment[] = [];
  for (const { payer, payment, request } of orders) signed.push({ ...(await payer.sign(payment)), request });
  await submitAll(
    client,
    signed,
    () => undefined,
    () => false,
  );
  for (const { id } of signed) {
    while (!isDecided((await client.payment(id)).state)) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const open = await leaveOpen(client, stack, merchants);
  const [merchant] = merchants;
  const shown = signed.find(
    ({ payment, request }) => payment.payee === merchant?.wallet.address && request !== undefined,
  );
  if (merchant === undefined || shown === undefined)
    throw new Error("Nobody bought of the first merchant by a request");
  return {
    url: stack.relayerUrl.replace("127.0.0.1", "localhost"),
    client,
    paymentId: shown.id,
    transactionHash: (await client.payment(shown.id)).transactionHash ?? "",
    merchant: merchant.wallet.address,
    openRequest: open[0]?.id ?? "",
    heldRequest: open[1]?.id ?? "",
    async ask() {
      const { id } = await client.createPaymentRequest(
        {
          ...{ merchant: merchant.wallet.address, token: merchant.token, amount: "48000000", capture: "automatic" },
          ...{ memo: hexlify(randomBytes(32)), title: "Six hand-painted plates", payerCountry: "DE" },
          expiresAt: String(await deadlineIn(stack, 3_600n)),
        },
        randomUUID(),
      );
      return id;
    },
  };
}
