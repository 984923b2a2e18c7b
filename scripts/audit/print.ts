import { getAddress } from "ethers";

import type { AuditReport } from "../../audit/report.ts";
import type { Progress } from "../../audit/run.ts";

/** How many exceptions are printed; --json has more. */
const PRINTED = 100;

export function printReport(report: AuditReport, write: (line: string) => void): void {
  const { contracts, counters, from, end } = report;
  write(
    `Ledger ${getAddress(contracts.ledger)} on chain ${contracts.chainId}, blocks ${from} to ${end.number} (${end.hash})`,
  );
  for (const name of ["escrow", "exchange", "gateway"] as const) {
    const address = contracts[name];
    write(`  ${name.padEnd(9)} ${address === null ? "none" : getAddress(address)}`);
  }
  const { payments, pulledPayments, rejections, batches, transactions, signatures, walletAnswers } = counters;
  write("");
  write(
    `${payments} payments from accounts and ${pulledPayments} pulled, in ${batches} batches of ${transactions} transactions`,
  );
  write(`${signatures} signatures good, ${walletAnswers} asked of contract accounts; ${rejections} rows were rejected`);
  const { accounts, holds, quotes, agreements, slots } = report;
  write(
    `${accounts} accounts, ${holds} holds, ${quotes} quotes, ${agreements} agreements; ${slots} words of storage compared`,
  );
  if (counters.databaseRows > 0) write(`${counters.databaseRows} rows of the database compared`);
  for (const token of report.tokens) printToken(token, write);
  printExceptions(report, write);
}

function printToken(token: AuditReport["tokens"][number], write: (line: string) => void): void {
  const row = (name: string, ...cells: readonly (bigint | string)[]): void => {
    write(`  ${name.padEnd(10)}${cells.map((cell) => String(cell).padStart(24)).join("")}`);
  };
  write("");
  write(`Trial balance of ${getAddress(token.token)}, in smallest units`);
  row("", "opening", "debits", "credits", "closing");
  for (const { line, opening, debits, credits, closing } of token.lines) row(line, opening, debits, credits, closing);
  row("sum", "", token.debits, token.credits, token.isBalanced ? "balanced" : "NOT BALANCED");
  const { reserves } = token;
  if (reserves === null) {
    write("  reserves were not asked for");
    return;
  }
  const paid = reserves.isPaidOut === null ? "nothing is owed" : reserves.isPaidOut ? "pays out" : "DOES NOT PAY OUT";
  write(
    `  reserves: ${reserves.held ?? "not told"} held, ${reserves.byEvents} by its own transfers, ${reserves.owed} owed; ${paid}`,
  );
  if (token.fees > 0n) write(`  fees of the operators: ${token.fees}`);
}

function printExceptions({ ok, counts, exceptions, seconds }: AuditReport, write: (line: string) => void): void {
  write("");
  for (const { code, subject, transaction, blockNumber, detail } of exceptions.slice(0, PRINTED)) {
    const where = transaction === null ? "" : `\n    block ${blockNumber ?? "?"}, transaction ${transaction}`;
    write(`${code}: ${subject}\n    ${detail}${where}`);
  }
  const all = Object.entries(counts);
  if (exceptions.length > PRINTED) write(`… and more; --json has ${exceptions.length} of them`);
  const text = all.map(([code, count]) => `${count} ${code}`).join(", ");
  write(ok ? `Everything holds (${seconds.toFixed(1)} s).` : `Exceptions: ${text} (${seconds.toFixed(1)} s).`);
}

/** Progress on one line that is written over; nothing where nobody watches. */
export function progressLine(stream: NodeJS.WriteStream): (progress: Progress) => void {
  const startedAt = performance.now();
  let last = 0;
  return ({ phase, done, of, payments }) => {
    const now = performance.now();
    if (now - last < (stream.isTTY ? 200 : 10_000)) return;
    last = now;
    const share = of === null || of === 0 ? String(done) : `${((done / of) * 100).toFixed(1)} %`;
    const rate = Math.round((payments / (now - startedAt)) * 1_000);
    const text = `${phase}: ${share}, ${payments} payments, ${rate} a second`;
    stream.write(stream.isTTY ? `\r${text.padEnd(70)}` : `${text}\n`);
  };
}

/** The report as JSON: whole numbers of any size as decimal strings. */
export function reportJson(report: AuditReport): string {
  return JSON.stringify(report, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
