import { parseArgs } from "node:util";

import { isAddress, isHexString } from "ethers";

import { networkOf } from "../../sdk/deployed-network.ts";
import type { RecordContracts } from "../../sdk/record/contracts.ts";
import { type ReceiptFinding, receiptHolds } from "../../sdk/record/proof/receipt-findings.ts";
import { type OfflineTrust, verifyReceipt } from "../../sdk/record/proof/verify-receipt.ts";
import { ReceiptError } from "../../sdk/record/receipt-fields.ts";
import { readDeployment, UnusableDeployment } from "../deployments/read-deployment.ts";

const USAGE = `Usage: npm run verify:receipt -- FILE --block-hash 0x… [--deployment CHAIN_ID|FILE | --network FILE]
       [--signer 0x…] [--json]

  --block-hash  of the payment's block, from wherever you trust it
  --deployment  what was deployed, deployments/CHAIN_ID.json or a file: its contracts must be the receipt's
  --network     what GET /v1/network answered when you trusted it: its contracts must be the receipt's
  --signer      whose statement counts
  --json        the findings as one object

Exit status: 0 the receipt holds, 1 it does not, 2 it could not be verified.
`;

export interface Verification {
  /** 0: it holds; 1: it does not; 2: it could not be verified. */
  readonly status: 0 | 1 | 2;
  readonly output: string;
  readonly complaint: string;
}

/** What the command does, with its files read by `read`. Never rejects. */
export async function runVerification(
  args: readonly string[],
  read: (file: string) => Promise<string>,
): Promise<Verification> {
  try {
    const { file, networkFile, deployment, signer, blockHash, isJson } = readArguments(args);
    const deployed = deployment === undefined ? undefined : networkOf(await readDeployment(deployment, read));
    const contracts = networkFile === undefined ? deployed : readNetwork(await read(networkFile));
    const trust: OfflineTrust = {
      trustedBlockHash: blockHash,
      ...(contracts === undefined ? {} : { contracts }),
      ...(signer === undefined ? {} : { signer }),
    };
    const findings = verifyReceipt(await read(file), trust);
    const holds = receiptHolds(findings);
    return { status: holds ? 0 : 1, output: isJson ? asJson(holds, findings) : asText(holds, findings), complaint: "" };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const kind = error instanceof ReceiptError ? "It is no receipt that can be verified without a node: " : "";
    const code = error instanceof UnusableDeployment ? `${error.failure}: ` : "";
    return { status: 2, output: "", complaint: `${code}${kind}${text}\n` };
  }
}

function readArguments(args: readonly string[]) {
  const text = { type: "string" } as const;
  const options = {
    "block-hash": text,
    network: text,
    deployment: text,
    signer: text,
    json: { type: "boolean" },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [file, ...more] = positionals;
  const { "block-hash": blockHash, network: networkFile, deployment, signer, json } = values;
  const isTwice = networkFile !== undefined && deployment !== undefined;
  const isWrong = isTwice || (signer !== undefined && !isAddress(signer));
  if (file === undefined || more.length > 0 || isWrong || !isHexString(blockHash, 32)) throw new Error(USAGE);
  return { file, blockHash, networkFile, deployment, signer, isJson: json === true };
}

type Trusted = Pick<RecordContracts, "chainId" | "ledger"> & Partial<RecordContracts>;

function readNetwork(text: string): Trusted {
  const network = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const { chainId, ledger } = network;
  const names = ["escrow", "gateway", "exchange", "permit2", "signatureVerifier"] as const;
  const others = names.flatMap((name) => {
    const value = network[name];
    return value === null || isAddress(value) ? [[name, value] as const] : [];
  });
  if (typeof chainId !== "string" || !/^\d+$/.test(chainId) || !isAddress(ledger)) {
    throw new Error("The network's file names no chainId and ledger");
  }
  return { chainId: BigInt(chainId), ledger, ...Object.fromEntries(others) };
}

function asJson(holds: boolean, findings: readonly ReceiptFinding[]): string {
  return `${JSON.stringify({ holds, findings })}\n`;
}

function asText(holds: boolean, findings: readonly ReceiptFinding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(
    ({ name, status, reason }) => `${status.padEnd(7)}  ${name.padEnd(width)}${reason === null ? "" : `  ${reason}`}`,
  );
  return `${lines.join("\n")}\n\n${holds ? "The receipt holds." : "The receipt does not hold."}\n`;
}
