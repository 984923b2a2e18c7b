import { type JsonRpcProvider, parseEther } from "ethers";

import { hasCreateX } from "../probe.ts";

/** Whoever signed CreateX's deployment once, for every chain, and what it costs at most. */
const DEPLOYER = "0xeD456e05CaAb11d66C4c797dD6c1D6f9A7F352b5";
const COST = parseEther("0.4");

/**
 * Has CreateX on a development chain, by the published transaction. Ignition brings it along for Hardhat's own chain, in a file
 * that its package does not export.
 */
export async function bringCreateX(provider: JsonRpcProvider): Promise<void> {
  if (await hasCreateX(provider)) return;
  const file = new URL(
    "internal/execution/strategy/createx-artifact.js",
    import.meta.resolve("@nomicfoundation/ignition-core"),
  );
  const { presignedTx } = (await import(file.href)) as { presignedTx: string };
  const bank = await provider.getSigner(0);
  const paid = await bank.sendUncheckedTransaction({ to: DEPLOYER, value: COST });
  await provider.waitForTransaction(paid, 1, 60_000);
  const { hash } = await provider.broadcastTransaction(presignedTx);
  await provider.waitForTransaction(hash, 1, 60_000);
  if (!(await hasCreateX(provider))) throw new Error("CreateX was not deployed");
}
