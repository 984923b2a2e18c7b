import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { getAddress, isAddress, ZeroAddress } from "ethers";
import { z } from "zod";

import { DeployError } from "./deploy-error.ts";

export const PARAMETERS_FOLDER = "ignition/parameters";
const MAX_DECIMALS = 38;
const YEAR = 31_536_000;

const address = z
  .string()
  .refine(
    (text) => text.startsWith("0x") && isAddress(text) && text !== ZeroAddress,
    "an address with a valid checksum",
  )
  .transform((text) => getAddress(text));

/** Ignition's own form, module by module; `Tokens` is read by `npm run deploy` alone. */
const schema = z.strictObject({
  Corridor: z.strictObject({
    admin: address.optional(),
    compliance: address.optional(),
    guard: address.optional(),
    guardDelay: z.int().min(0).max(YEAR),
    permit2: address,
  }),
  X402: z.strictObject({ proxy: address }).optional(),
  Tokens: z.strictObject({
    list: z
      .array(z.strictObject({ address, symbol: z.string().min(1).max(16), decimals: z.int().min(0).max(MAX_DECIMALS) }))
      .refine(
        (tokens) => new Set(tokens.map((token) => token.address)).size === tokens.length,
        "tokens that stand once",
      ),
  }),
});

/** What is deployed, for whom, and which tokens are settled. Who is not named is the deployer. */
export type DeployParameters = z.infer<typeof schema>;

/**
 * Reads the parameters of a network. @param file Another file than the network's own.
 * @throws DeployError `no_parameters`, `bad_parameters`
 */
export function readParameters(network: string, file?: string): DeployParameters {
  const path = file ?? join(PARAMETERS_FOLDER, `${network}.json`);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const there = readdirSync(PARAMETERS_FOLDER).filter((name) => name.endsWith(".json"));
    throw new DeployError(
      "no_parameters",
      `${path} cannot be read.`,
      `parameters of ${network}; there are ${there.join(", ")}`,
      `copy one of them to ${path} and put ${network}'s addresses into it, or name a file by --parameters`,
      { cause: error },
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(path, "no JSON", "an object in JSON", error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path: at, message }) => `${at.join(".") || "the file"}: ${message}`);
  throw bad(path, issues.join("; "), "what docs/deploying.md describes", parsed.error);
}

function bad(path: string, found: string, expected: string, cause: unknown): DeployError {
  return new DeployError("bad_parameters", `${path}: ${found}`, expected, `correct ${path}`, { cause });
}
