import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { ChainLog } from "../sdk/record/rpc-answers.ts";
import type { Books } from "./books.ts";
import { type ChainEvent, createEventReader, text, tokenOf, whole } from "./chain-events.ts";
import { createEscrowBook } from "./escrow-book.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { createExchangeBook } from "./exchange-book.ts";
import { createGatewayBook } from "./gateway-book.ts";
import { createIdSet } from "./id-set.ts";
import { createLedgerAccounts, type Moment } from "./ledger-accounts.ts";
import { createLedgerBook, NOBODY, type SettledPayment } from "./ledger-book.ts";
import { createPaymentChecks, type OpenQuestion } from "./payment-checks.ts";
import type { AuditedTransaction } from "./transactions.ts";

/** All events of a transaction, in order. */
export interface TransactionEvents {
  readonly at: Moment;
  readonly logs: readonly ChainLog[];
  /** Null: it is before the range that is checked. */
  readonly transaction: AuditedTransaction | null;
}

/** What a transaction did, for whoever keeps records of it. */
export interface Facts {
  readonly payments: (SettledPayment & Moment)[];
  /** Everything else that was signed and took effect, and what the Exchange says of payments. */
  readonly events: (ChainEvent & { readonly at: Moment })[];
}

/** Replays the events, transaction after transaction, into the books. */
export interface Replay {
  apply(transaction: TransactionEvents, facts: Facts): void;
  takeQuestions(): readonly OpenQuestion[];
  /** Ids of pulled payments that may have settled before. */
  takeSuspects(): readonly string[];
  /** Puts into the books what is kept beside them. */
  flush(): void;
}

/** What a database has rows of, beside payments. */
const KEPT = ["NonceUsed", "Deposited", "Withdrawn", "Exchanged", "Held", "Refunded", "QuoteFilled"];

export function createReplay(books: Books, contracts: RecordContracts, exceptions: ExceptionLog): Replay {
  const { note } = exceptions;
  const { counters } = books;
  const readEvent = createEventReader(contracts);
  const ids = createIdSet(books.pulledIds);
  const accounts = createLedgerAccounts(books, contracts, exceptions);
  const ledger = createLedgerBook(books, contracts, accounts, exceptions);
  const escrow = createEscrowBook(books, contracts, exceptions);
  const exchange = createExchangeBook(books, contracts, exceptions);
  const gateway = createGatewayBook(books, contracts, ids, exceptions);
  const checks = createPaymentChecks(counters, exceptions);
  const [escrowAddress, exchangeAddress, gatewayAddress] = [contracts.escrow, contracts.exchange, contracts.gateway];

  function applyEvent(event: ChainEvent, at: Moment): readonly SettledPayment[] {
    switch (event.contract) {
      case "ledger":
        if (event.name === "Transfer") tellMove(event);
        return ledger.apply(event, at);
      case "escrow":
        escrow.apply(event, at);
        return [];
      case "exchange":
        exchange.apply(event, at);
        return [];
      case "gateway":
        return gateway.apply(event, at);
      case "x402":
        return [];
    }
  }

  /** What a scheme moves, its own events have to explain. */
  function tellMove(event: ChainEvent): void {
    const [caller, token, amount] = [text(event, "caller"), tokenOf(whole(event, "id")), whole(event, "amount")];
    const [sender, receiver] = [text(event, "sender"), text(event, "receiver")];
    if (caller === gatewayAddress && sender === NOBODY) gateway.deposited({ token, owner: receiver, amount });
    const book = caller === escrowAddress ? escrow : caller === exchangeAddress ? exchange : null;
    book?.moved(token, sender, -amount);
    book?.moved(token, receiver, amount);
  }

  return {
    apply({ at, logs, transaction }, facts) {
      for (const log of logs) {
        counters.events += 1;
        const event = readEvent(log);
        if (event === null)
          note("event_unreadable", `event ${log.logIndex} of ${log.address}`, at, log.topics[0] ?? "");
        if (event === null || event === undefined) continue;
        const settled = applyEvent(event, at);
        if (KEPT.includes(event.name)) facts.events.push({ ...event, at });
        if (transaction !== null) checks.checkTerms(event, transaction, at);
        if (event.name === "BatchSettled") counters.batches += 1;
        if (settled.length === 0) continue;
        escrow.paid(settled);
        exchange.paid(settled);
        for (const payment of settled) {
          counters[payment.isPulled ? "pulledPayments" : "payments"] += 1;
          facts.payments.push({ ...payment, ...at });
          if (transaction !== null) checks.check(payment, transaction, at);
        }
      }
      counters.transactions += 1;
      ledger.close(at);
      gateway.close(at);
      escrow.close(at);
      exchange.close(at);
    },
    takeQuestions: () => checks.takeQuestions(),
    takeSuspects: () => gateway.takeSuspects(),
    flush() {
      books.pulledIds = ids.save();
    },
  };
}
