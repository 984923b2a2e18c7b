import { parseEther } from "ethers";

import { type Part, startPart } from "../../local/process.ts";
import { type LocalStack, localKey } from "../../local/stack.ts";

/** Accounts that the local chain has given nothing to. */
const FIRST_LANE = 100;
const GAS_MONEY = parseEther("100");

/** Several relayers on one database, each with lanes of its own. */
export interface Fleet {
  readonly urls: readonly string[];
  readonly pids: readonly number[];
  /** Stops those that the stack does not stop. */
  stop(): Promise<void>;
}

/** The keys of each relayer's lanes. */
export function laneKeys(relayers: number, lanes: number): string[][] {
  return Array.from({ length: relayers }, (_, relayer) =>
    Array.from({ length: lanes }, (_, lane) => localKey(FIRST_LANE + relayer * lanes + lane).privateKey),
  );
}

export function laneAddresses(relayers: number, lanes: number): string[] {
  return Array.from({ length: relayers * lanes }, (_, lane) => localKey(FIRST_LANE + lane).address);
}

/** Gives the lanes gas money and starts the relayers beside the stack's own, which has the first keys. */
export async function startFleet(stack: LocalStack, relayers: number, lanes: number): Promise<Fleet> {
  for (const to of laneAddresses(relayers, lanes)) {
    await (await stack.deployer.sendTransaction({ to, value: GAS_MONEY })).wait();
  }
  const others: Part[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(others.map((part) => part.stop()));
  };
  try {
    for (const keys of laneKeys(relayers, lanes).slice(1)) {
      const environment = { ...stack.environment, CORRIDOR_LANE_KEYS: keys.join(","), CORRIDOR_PORT: "0" };
      others.push(await startPart("relayer", "relayer/main.ts", [], environment));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const parts = [stack.relayer(), ...others];
  return { urls: parts.map(({ url }) => url), pids: parts.map(({ child }) => child.pid ?? 0), stop };
}
