import type { Stage } from "./stage.ts";

/** Where the gas of a payment goes: the transaction's instructions by kind, over its rows. */
export async function breakDown({ ethers }: Stage, hash: string, rows: number): Promise<[string, number][]> {
  const options = { disableStorage: true, disableMemory: true, disableStack: true };
  const trace = (await ethers.provider.send("debug_traceTransaction", [hash, options])) as {
    gas: number | string;
    structLogs: { op: string; gasCost: number }[];
  };
  // A call's cost in a trace has the gas that it passes on in it; each here is to ECRECOVER, whose price is fixed.
  const RECOVERY = 3_000 + 100;
  const sums = { storage: 0, recovery: 0, logs: 0, hashing: 0, rest: 0 };
  for (const { op, gasCost } of trace.structLogs) {
    if (op === "SLOAD" || op === "SSTORE") sums.storage += gasCost;
    else if (op === "STATICCALL") sums.recovery += RECOVERY;
    else if (op.startsWith("LOG")) sums.logs += gasCost;
    else if (op === "KECCAK256") sums.hashing += gasCost;
    else sums.rest += gasCost;
  }
  const receipt = await ethers.provider.getTransactionReceipt(hash);
  const executed = Object.values(sums).reduce((total, part) => total + part, 0);
  const intrinsic = Number(receipt?.gasUsed ?? 0n) - executed;
  const each = (gas: number): number => Math.round(gas / rows);
  return [
    [`of ${rows} rows: signature recovery`, each(sums.recovery)],
    ["account slot: read and written once", each(sums.storage)],
    ["transaction and calldata", each(intrinsic)],
    ["event", each(sums.logs)],
    ["hashing: id, account's place", each(sums.hashing)],
    ["checks, decoding, fee, memory", each(sums.rest)],
  ];
}
