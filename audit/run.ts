import { readLogSteps, requireSameEnd } from "../sdk/record/chain-logs.ts";
import { addressesOf, type RecordContracts } from "../sdk/record/contracts.ts";
import { INTERFACES } from "../sdk/record/record-steps.ts";
import type { RpcCall } from "../sdk/record/rpc.ts";
import type { BlockHeader } from "../sdk/record/rpc-answers.ts";
import { type Books, emptyBooks } from "./books.ts";
import { compareSlots } from "./compare-slots.ts";
import { fixEnd, findBirth } from "./end-block.ts";
import { type AuditException, createExceptionLog, type ExceptionCode, type ExceptionLog } from "./exceptions.ts";
import { closeBooks } from "./final-checks.ts";
import { findContracts, type GivenContracts } from "./find-contracts.ts";
import { carryForward } from "./journal.ts";
import { createQuestionDesk } from "./open-questions.ts";
import { createPreparation, type PreparedStep } from "./prepare-step.ts";
import { createReplay, type Facts } from "./replay.ts";
import type { AuditReport } from "./report.ts";
import { readState, requireSameChain, writeState } from "./state-file.ts";

/** What to hold beside the chain: called with what each step of blocks did, and at the end. */
export interface Comparison {
  /** @returns whether it is as far as the end block. */
  waitFor(end: BlockHeader): Promise<boolean>;
  compareStep(range: { readonly fromBlock: number; readonly toBlock: number }, facts: Facts): Promise<void>;
  compareEnd(books: Books, end: BlockHeader): Promise<void>;
}

export type Phase = "events" | "storage" | "reserves" | "database";

export interface Progress {
  readonly phase: Phase;
  readonly done: number;
  /** Null: it is not known. */
  readonly of: number | null;
  readonly payments: number;
}

export interface AuditOptions extends GivenContracts {
  /** Asked many small things. */
  readonly rpc: RpcCall;
  /** Asked for transactions and receipts, which may be large. */
  readonly bulkRpc: RpcCall;
  /** The first block whose payments are checked; null: the Ledger's first. */
  readonly from: number | null;
  /** No event of the contracts is older, by whoever published them; absent or null: it is found. */
  readonly firstBlock?: number | null;
  /** Null: the last block that is final. */
  readonly to: number | "latest" | "finalized" | null;
  /** Whose reserves are to be proven; null: all tokens. */
  readonly tokens: readonly string[] | null;
  /** Where the state is kept, if an audit is to be gone on with. */
  readonly stateFile: string | null;
  readonly openComparison?: (contracts: RecordContracts, exceptions: ExceptionLog, books: Books) => Comparison;
  readonly onProgress?: (progress: Progress) => void;
}

/** How long a run may be lost. */
const SAVE_EVERY_MS = 15_000;

/**
 * Recomputes everything that the Ledger and its schemes did, from the chain alone, and holds it against their storage.
 * @throws RpcError if the node fails; RecordError, `reorged` if the end block is replaced meanwhile; StateError
 */
export async function runAudit(options: AuditOptions): Promise<AuditReport> {
  const startedAt = performance.now();
  const { rpc, ledger, stateFile } = options;
  const chainId = BigInt(String(await rpc("eth_chainId", [])));
  const end = await fixEnd(rpc, options.to);
  const state = stateFile === null ? null : await readState(stateFile);
  if (state !== null) await requireSameChain(rpc, state, { chainId, ledger, from: options.from, end });

  const birth = state?.birth ?? (await findBirth(rpc, ledger.toLowerCase(), end, options.firstBlock ?? null));
  const searchFrom = state === null ? birth : state.done.number + 1;
  const given = state === null ? options : { ...options, ...state.contracts };
  const { contracts, verifier, otherCode } = await findContracts(rpc, chainId, given, searchFrom, end);
  const from = Math.max(birth, state?.from ?? options.from ?? birth);
  const books = state?.books ?? emptyBooks();
  const exceptions = createExceptionLog(books.exceptions);
  /** What is found at the end is of this run alone. */
  const atEnd = new Map<ExceptionCode, { count: number; kept: AuditException[] }>();
  const endExceptions = createExceptionLog(atEnd);
  for (const name of otherCode) {
    endExceptions.note("other_code", contracts[name as "ledger"], null, `the ${name}'s code is not this repository's`);
  }

  const replay = createReplay(books, contracts, exceptions);
  const desk = createQuestionDesk(rpc, contracts, end, books.counters, exceptions);
  const prepare = createPreparation(options.bulkRpc, contracts, verifier, exceptions);
  books.counters.databaseRows = 0;
  const offered = options.openComparison?.(contracts, exceptions, books);
  const isReady = (await options.openComparison?.(contracts, endExceptions, books).waitFor(end)) === true;
  const comparison = isReady ? offered : undefined;
  let savedAt = performance.now();
  const save = async (done: Pick<BlockHeader, "number" | "hash">): Promise<void> => {
    if (stateFile === null) return;
    replay.flush();
    await writeState(stateFile, { contracts, birth, from, done, books });
    savedAt = performance.now();
  };

  async function take(step: PreparedStep, isChecked: boolean): Promise<void> {
    const facts: Facts = { payments: [], events: [] };
    for (const transaction of step.transactions) replay.apply(transaction, facts);
    await desk.ask(replay.takeQuestions());
    await lookUp(rpc, contracts, birth, end, replay.takeSuspects(), exceptions);
    if (isChecked) await comparison?.compareStep(step, facts);
    if (performance.now() - savedAt > SAVE_EVERY_MS) await save(step.last);
    const { payments, pulledPayments } = books.counters;
    report("events", step.toBlock - birth, end.number - birth, payments + pulledPayments);
  }

  function report(phase: Phase, done: number, of: number | null, payments = books.counters.payments): void {
    options.onProgress?.({ phase, done, of, payments });
  }

  async function replayBlocks(first: number, last: BlockHeader, isChecked: boolean): Promise<void> {
    const filter = { address: addressesOf(contracts), topics: [] };
    const steps = readLogSteps(rpc, filter, first, last, { firstStep: FIRST_STEP, mostLogs: MOST_LOGS });
    const next = async (): Promise<PreparedStep | null> => {
      const { value, done } = await steps.next();
      return done === true ? null : prepare(value, isChecked);
    };
    // The node reads the next blocks while these are checked.
    let pending = next();
    for (;;) {
      const step = await pending;
      if (step === null) return;
      pending = next();
      pending.catch(() => undefined);
      await take(step, isChecked);
    }
  }

  if (searchFrom < from) {
    await replayBlocks(searchFrom, await fixEnd(rpc, from - 1), false);
    for (const journal of books.journals.values()) carryForward(journal);
    books.fees.clear();
  }
  await replayBlocks(Math.max(from, searchFrom), end, true);

  report("storage", 0, null);
  const slots = await compareSlots(rpc, books, contracts, end, endExceptions, (done) => {
    report("storage", done, null);
  });
  report("reserves", 0, books.journals.size);
  const tokens = await closeBooks(
    rpc,
    books,
    contracts,
    { fromBlock: birth, end },
    lower(options.tokens),
    endExceptions,
  );
  if (comparison !== undefined) {
    report("database", 0, null);
    await options.openComparison?.(contracts, endExceptions, books).compareEnd(books, end);
  }
  await requireSameEnd(rpc, end);
  await save(end);

  const logs = [exceptions, endExceptions];
  const counts: Record<string, number> = {};
  for (const log of logs) for (const [code, count] of log.counts()) counts[code] = (counts[code] ?? 0) + count;
  return {
    ...{ ok: Object.keys(counts).length === 0, contracts, from, end, counters: books.counters, slots, tokens, counts },
    ...{ accounts: books.accounts.size, holds: books.holds.size, quotes: books.fills.size },
    ...{ agreements: books.agreements.size, exceptions: logs.flatMap((log) => log.kept()) },
    seconds: (performance.now() - startedAt) / 1_000,
  };
}

/** Blocks asked for at first, and events that make the next step smaller: what a step holds, the memory holds. */
const FIRST_STEP = 4;
const MOST_LOGS = 4_000;

function lower(addresses: readonly string[] | null): readonly string[] | null {
  return addresses?.map((address) => address.toLowerCase()) ?? null;
}

/** Ids of pulled payments that begin as another one did: the chain says whether it was the same. */
async function lookUp(
  rpc: RpcCall,
  { gateway }: RecordContracts,
  birth: number,
  end: BlockHeader,
  ids: readonly string[],
  { note }: ExceptionLog,
): Promise<void> {
  const settled = INTERFACES.gateway.getEvent("Settled")?.topicHash ?? "";
  for (const id of ids) {
    const found = [];
    const filter = { address: [gateway ?? ""], topics: [settled, id] };
    for await (const { logs } of readLogSteps(rpc, filter, birth, end, { firstStep: 10_000 })) found.push(...logs);
    const last = found.at(-1);
    if (found.length > 1 && last !== undefined) note("id_reused", id, last, `it settled ${found.length} times`);
  }
}
