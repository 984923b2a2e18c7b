import { id, keccak256, type Provider, toBeHex } from "ethers";

import { VALID_P256_CALL, P256_PRECOMPILE } from "../../relayer/chain/p256-precompile.ts";
import { TestToken__factory } from "../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import type { DeployParameters } from "./parameters.ts";

/** What a network must have, one thing: a warning may be lived with, a failure stops the deployment. */
export interface Finding {
  readonly what: string;
  readonly verdict: "ok" | "warning" | "failure";
  readonly found: string;
  /** What to do about it; empty if it is well. */
  readonly next: string;
}

/** pcaversaccio's factory, as Ignition's strategy `create2` uses it, and the hash of its code. */
export const CREATE_X = "0xba5Ed099633D3B313e4D5F7bdc1305d3c28ba5Ed";
const CREATE_X_CODE = "0xbd8a7ea8cfca7b4e5f5041d7d4b17bc317c5ce42cfbc42066a00cf26b43eb53f";

/** Returns what CLZ (EIP-7939) says of 255: push, CLZ, store, return. */
const CLZ_TRIAL = "0x60ff1e5f5260205ff3";
const CLZ_OF_255 = toBeHex(248, 32);
/** The least that one block, and one transaction, must have room for: the Ledger's deployment. */
const LEAST_GAS = 16_777_216n;

/** Whether the chain runs the contracts, and has what they are given. Asks, and changes nothing. */
export async function probeChain(provider: Provider, parameters: DeployParameters): Promise<Finding[]> {
  return [
    await probeOsaka(provider),
    await probeP256(provider),
    await probeGasLimit(provider),
    await probeCode(provider, "Permit2", parameters.Corridor.permit2, "Corridor.permit2"),
    parameters.X402 === undefined
      ? warning(
          "x402's proxy",
          "not named: no X402Settler is deployed",
          "name X402.proxy to be an x402 facilitator there",
        )
      : await probeCode(
          provider,
          "x402's proxy",
          parameters.X402.proxy,
          "X402.proxy; without X402 no settler is deployed",
        ),
    (await hasCreateX(provider))
      ? well("CreateX", `${CREATE_X}: addresses by CREATE2`)
      : warning(
          "CreateX",
          "not there: addresses follow from the deployer's nonce",
          "nothing, or have CreateX deployed there",
        ),
    ...(await Promise.all(parameters.Tokens.list.map((token) => probeToken(provider, token)))),
  ];
}

export async function hasCreateX(provider: Pick<Provider, "getCode">): Promise<boolean> {
  return keccak256(await provider.getCode(CREATE_X)) === CREATE_X_CODE;
}

async function probeOsaka(provider: Provider): Promise<Finding> {
  const answer = await provider.call({ data: CLZ_TRIAL }).catch(() => "0x");
  if (answer === CLZ_OF_255) return well("osaka", "CLZ is executed");
  return failure(
    "osaka",
    "CLZ (EIP-7939) is not executed",
    "wait for the network's Osaka upgrade: the contracts are compiled for it",
  );
}

async function probeP256(provider: Provider): Promise<Finding> {
  const ask = (data: string): Promise<string> => provider.call({ to: P256_PRECOMPILE, data }).catch(() => "0x");
  const good = await ask(VALID_P256_CALL);
  // The same signature under another hash.
  const forged = await ask(`${id("another message")}${VALID_P256_CALL.slice(66)}`);
  if (forged !== "0x" && BigInt(forged) !== 0n) {
    return failure(
      "P-256 at 0x100",
      "a forged signature is called good",
      "do not deploy there: anybody could sign for a passkey",
    );
  }
  if (good === toBeHex(1, 32)) return well("P-256 at 0x100", "tells a good signature from a forged one");
  return warning(
    "P-256 at 0x100",
    "not there",
    "nothing: passkeys are checked by a contract, for about 200,000 gas each",
  );
}

async function probeGasLimit(provider: Provider): Promise<Finding> {
  const block = await provider.getBlock("latest");
  const limit = block?.gasLimit ?? 0n;
  if (limit >= LEAST_GAS) return well("gas of a block", limit.toLocaleString("en"));
  return failure(
    "gas of a block",
    limit.toLocaleString("en"),
    `choose a network with at least ${LEAST_GAS.toLocaleString("en")}`,
  );
}

async function probeCode(provider: Provider, what: string, address: string, parameter: string): Promise<Finding> {
  const code = await provider.getCode(address);
  if (code !== "0x") return well(what, address);
  return failure(what, `no code at ${address}`, `correct the parameter ${parameter}`);
}

async function probeToken(provider: Provider, token: DeployParameters["Tokens"]["list"][number]): Promise<Finding> {
  const what = `token ${token.symbol}`;
  if ((await provider.getCode(token.address)) === "0x") {
    return failure(what, `no code at ${token.address}`, "correct Tokens.list");
  }
  const contract = TestToken__factory.connect(token.address, provider);
  const symbol = await contract.symbol().catch(() => "nothing");
  const decimals = await contract.decimals().then(String, () => "nothing");
  if (symbol === token.symbol && decimals === String(token.decimals)) {
    return well(what, `${token.address}, ${decimals} decimals`);
  }
  const found = `calls itself ${JSON.stringify(symbol)} with ${decimals} decimals, not ${token.decimals}`;
  return failure(what, found, "correct Tokens.list: the wrong token, or the wrong decimals");
}

function well(what: string, found: string): Finding {
  return { what, verdict: "ok", found, next: "" };
}

function warning(what: string, found: string, next: string): Finding {
  return { what, verdict: "warning", found, next };
}

function failure(what: string, found: string, next: string): Finding {
  return { what, verdict: "failure", found, next };
}
