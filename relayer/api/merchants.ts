import type { FastifyInstance } from "fastify";
import { z } from "zod";

import type { MerchantProfile } from "../../sdk/client.ts";
import { readProblem } from "../intake/authorization.ts";
import { COUNTRY, isCountry } from "../../sdk/countries.ts";
import { isPlainText } from "../../sdk/plain-text.ts";
import { findMerchant, type MerchantRecord, saveMerchant } from "../store/merchants.ts";
import { ownOnly } from "./access.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { HttpProblem } from "./problem.ts";
import { readAddress } from "./read.ts";

const NAME = "1 to 80 characters, none of them a control character or one that changes the direction of text; or null";

const schema = z.strictObject(
  {
    name: z
      .string(NAME)
      .refine((text) => isPlainText(text, 80), NAME)
      .nullable(),
    country: z.string(COUNTRY).refine(isCountry, COUNTRY).nullable(),
  },
  "a JSON object",
);

interface OfMerchant {
  Params: { merchant: string };
}

/** How merchants show themselves to payers. */
export function addMerchantRoutes(server: FastifyInstance, { database, access }: ApiDependencies): void {
  server.get<OfMerchant>("/v1/merchants/:merchant", async (request): Promise<MerchantProfile> => {
    const address = readAddress("merchant", request.params.merchant);
    return view((await findMerchant(database, address)) ?? { address, name: null, country: null });
  });

  server.put<OfMerchant>("/v1/merchants/:merchant", async (request): Promise<MerchantProfile> => {
    const caller = await access.require(request, "requests:write");
    const address = readAddress("merchant", request.params.merchant);
    ownOnly(caller, "merchant", address);
    const result = schema.safeParse(request.body);
    if (!result.success) {
      const problem = readProblem(result.error, "a merchant's profile");
      throw new HttpProblem(problem.code, problem);
    }
    const merchant = { address, ...result.data };
    await saveMerchant(database, merchant);
    return view(merchant);
  });
}

function view({ address, name, country }: MerchantRecord): MerchantProfile {
  return { merchant: address, name, country };
}
