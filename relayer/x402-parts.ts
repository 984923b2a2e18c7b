import { Interface, type JsonRpcProvider, ZeroAddress } from "ethers";

import { AppError } from "./app-error.ts";
import { inTime } from "./chain/timeout.ts";
import { createX402Reader, type X402Reader } from "./chain/x402-reader.ts";
import { createX402Question, readX402Place } from "./chain/x402-settler.ts";
import { createX402Tracer } from "./chain/x402-trace.ts";
import type { Config } from "./config.ts";
import type { Work } from "./lanes/work.ts";
import { createX402Work, type X402WorkDependencies } from "./lanes/x402-work.ts";
import { createFacilitator, type Facilitator, type FacilitatorDependencies } from "./x402/facilitator.ts";

const TOKEN = new Interface(["function allowance(address owner, address spender) view returns (uint256)"]);

type Fixed = "settler" | "tracer" | "finalityDepth";
type Asked = "place" | "tokens" | "tryPayment" | "allowanceOf" | "waitMs";

/** What the relayer needs to be an x402 facilitator. */
export interface X402Parts {
  readonly reader: X402Reader;
  createWork(deps: Omit<X402WorkDependencies, Fixed>): Work;
  createFacilitator(deps: Omit<FacilitatorDependencies, Asked>): Facilitator;
}

/** @returns `undefined` if it is not to be one. @throws AppError `x402_missing` if there is no settler where it should be. */
export async function openX402(provider: JsonRpcProvider, config: Config): Promise<X402Parts | undefined> {
  const { x402: settler, finalityDepth } = config;
  if (settler === undefined) return undefined;
  const place = await readX402Place(provider, settler);
  if (place === undefined) {
    provider.destroy();
    throw new AppError("x402_missing", `There is no X402Settler at ${settler} on this chain. See CORRIDOR_X402.`);
  }
  const tracer = createX402Tracer(provider, settler, place.proxy);

  /** What Permit2 may take of a payer's tokens. */
  async function allowanceOf(token: string, payer: string, permit2: string): Promise<bigint> {
    const data = TOKEN.encodeFunctionData("allowance", [payer, permit2]);
    return BigInt(await inTime(provider.call({ to: token, data })));
  }

  return {
    reader: createX402Reader(settler),
    createWork: (deps) => createX402Work({ ...deps, settler, tracer, finalityDepth }),
    createFacilitator: (deps) =>
      createFacilitator({
        ...deps,
        place,
        allowanceOf: (token, payer) => allowanceOf(token, payer, place.permit2),
        tokens: config.tokens,
        waitMs: config.x402WaitMs,
        tryPayment: createX402Question(provider, settler, deps.signers[0] ?? ZeroAddress),
      }),
  };
}
