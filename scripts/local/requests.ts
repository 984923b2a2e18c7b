import { randomUUID } from "node:crypto";

import { hexlify, randomBytes } from "ethers";

import type { CorridorClient, NewPaymentRequest } from "../../sdk/client.ts";
import { deadlineIn, inParallel, type Merchant, type Order } from "./market.ts";
import { LOCAL_MERCHANTS } from "./merchants.ts";
import { localKey, type LocalStack } from "./stack.ts";

/** Where the customers are who pay by a payment request, in turn. */
const CUSTOMERS = ["DE", "US", "JP", "BR", "GB", "KE", "FR"];
/** Of so many purchases one is by a payment request. */
const EVERY = 10;
const DAY = 86_400n;
/** Decides about disputes of the demo's hold. */
const ARBITER = 13;

/** Has the merchants show themselves. @param client With the operator's key. */
export async function sayProfiles(client: CorridorClient): Promise<void> {
  for (const { name, account, country } of LOCAL_MERCHANTS) {
    await client.setMerchantProfile({ merchant: localKey(account).address, name, country });
  }
}

/** Has merchants ask for every tenth of the purchases. @returns the orders, with the payment requests that they pay. */
export async function askForOrders(client: CorridorClient, orders: readonly Order[]): Promise<Order[]> {
  const requests = new Map<Order, string>();
  const chosen = orders.filter((_, index) => index % EVERY === 0).map((order, index) => ({ order, index }));
  await inParallel(chosen, async ({ order, index }) => {
    const { payee, token, amount, memo, deadline } = order.payment;
    const request: NewPaymentRequest = {
      ...{ merchant: payee, token, amount: amount.toString(), memo, expiresAt: deadline.toString() },
      ...{
        capture: "automatic",
        title: `Order ${index + 1}`,
        payerCountry: CUSTOMERS[index % CUSTOMERS.length] ?? "DE",
      },
    };
    requests.set(order, (await client.createPaymentRequest(request, randomUUID())).id);
  });
  return orders.map((order) => {
    const request = requests.get(order);
    return request === undefined ? order : { ...order, request };
  });
}

/** Payment requests that nobody has paid yet: at once, into a hold, and by anybody. @returns what each is, and its id. */
export async function leaveOpen(
  client: CorridorClient,
  stack: LocalStack,
  merchants: readonly Merchant[],
): Promise<{ readonly what: string; readonly id: string }[]> {
  const now = await deadlineIn(stack, 0n);
  const hold = {
    ...{ splits: [], arbiter: localKey(ARBITER).address, rulingPeriod: String(3n * DAY), defaultPayerBps: 5_000 },
    ...{ captureDeadline: String(now + 14n * DAY), refundDeadline: String(now + 44n * DAY) },
  };
  const wares = [
    { title: "Six hand-painted plates", amount: "48000000", capture: "automatic", reusable: false },
    { title: "Green coffee, 20 kg, shipped on capture", amount: "120000000", capture: "manual", reusable: false },
    { title: "Two yards of wax print", amount: "25000000", capture: "automatic", reusable: true },
  ] as const;
  const open: { readonly what: string; readonly id: string }[] = [];
  for (const [index, { capture, ...ware }] of wares.entries()) {
    const merchant = merchants[index];
    if (merchant === undefined) continue;
    const { id } = await client.createPaymentRequest(
      {
        ...{ merchant: merchant.wallet.address, token: merchant.token, memo: hexlify(randomBytes(32)) },
        ...{ expiresAt: String(now + 7n * DAY), capture, ...ware },
        ...(capture === "manual" ? { hold } : {}),
      },
      randomUUID(),
    );
    open.push({ what: `${merchant.name}: ${ware.title}`, id });
  }
  return open;
}
