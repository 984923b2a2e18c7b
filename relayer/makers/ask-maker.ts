import { getAddress, isHexString } from "ethers";
import { z } from "zod";

import type { ExchangeDomain } from "../../sdk/exchange-typed-data.ts";
import type { Quote } from "../../sdk/quote.ts";
import { MAX_AMOUNT, MAX_DEADLINE, MAX_UINT64 } from "../../sdk/typed-data.ts";

/** What is to be quoted: an amount of a settlement token, in one pay token or in each. */
export interface QuoteQuestion {
  readonly payToken?: string | undefined;
  readonly settleToken: string;
  readonly settleAmount: bigint;
}

export type MakerAnswer =
  | { readonly ok: true; readonly quotes: readonly { readonly quote: Quote; readonly signature: string }[] }
  | { readonly ok: false; readonly reason: string };

const MAX_ANSWER = 64 * 1024;

const address = z
  .string()
  .refine((text) => isHexString(text, 20))
  .transform((text) => getAddress(text.toLowerCase()));

function integer(minimum: bigint, maximum: bigint) {
  return z
    .string()
    .regex(/^(0|[1-9]\d{0,38})$/)
    .transform(BigInt)
    .refine((value) => value >= minimum && value <= maximum);
}

const schema = z.object({
  quotes: z.array(
    z.object({
      quote: z.object({
        maker: address,
        payToken: address,
        settleToken: address,
        payAmount: integer(1n, MAX_AMOUNT),
        settleAmount: integer(1n, MAX_AMOUNT),
        generation: integer(0n, MAX_UINT64),
        deadline: integer(0n, MAX_DEADLINE),
        salt: z
          .string()
          .refine((text) => isHexString(text, 32))
          .transform((text) => text.toLowerCase()),
      }),
      signature: z.string().max(132),
    }),
  ),
});

/** One maker's answer to a request for quotes (docs/quotes.md), whatever it sends. Never throws. */
export async function askMaker(
  url: string,
  domain: ExchangeDomain,
  question: QuoteQuestion,
  timeoutMs: number,
): Promise<MakerAnswer> {
  const { payToken, settleToken, settleAmount } = question;
  try {
    const response = await fetch(`${url.replace(/\/+$/, "")}/v1/quotes`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        chainId: domain.chainId.toString(),
        exchange: domain.exchange,
        ...(payToken === undefined ? {} : { payToken }),
        ...{ settleToken, settleAmount: settleAmount.toString() },
      }),
      // A maker who sends us elsewhere could have us ask anybody.
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await readBounded(response);
    if (text === undefined) return { ok: false, reason: "too long an answer" };
    if (!response.ok) return { ok: false, reason: `status ${response.status}` };
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? { ok: true, quotes: parsed.data.quotes } : { ok: false, reason: "not quotes" };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.name : "no answer" };
  }
}

async function readBounded({ body }: Response): Promise<string | undefined> {
  if (body === null) return "";
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > MAX_ANSWER) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
