import { quoteId } from "../sdk/exchange-typed-data.ts";
import type { Quote } from "../sdk/quote.ts";
import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { Books } from "./books.ts";
import { type ChainEvent, text, whole } from "./chain-events.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { costOf, feeOn } from "./fees.ts";
import type { Moment } from "./ledger-accounts.ts";
import { addFee, type SettledPayment } from "./ledger-book.ts";
import { createMoves } from "./moves.ts";

/** What the Exchange's events do to quotes, and whether both legs of each payment moved. */
export interface ExchangeBook {
  apply(event: ChainEvent, at: Moment): void;
  paid(payments: readonly SettledPayment[]): void;
  /** What the Ledger says that the Exchange moved. */
  moved(token: string, owner: string, amount: bigint): void;
  close(at: Moment): void;
}

export function createExchangeBook(books: Books, contracts: RecordContracts, exceptions: ExceptionLog): ExchangeBook {
  const { note } = exceptions;
  const exchange = contracts.exchange?.toLowerCase() ?? "";
  const moves = createMoves("exchange_differs", exceptions);
  let payments = new Map<string, SettledPayment>();
  /** Exchanged, and its quote is not told yet. */
  let rows: ChainEvent[] = [];
  let refund: ChainEvent | null = null;

  function add(event: ChainEvent, at: Moment): void {
    const [id, paid, settled] = [text(event, "id"), whole(event, "paid"), whole(event, "settled")];
    const payment = payments.get(id);
    payments.delete(id);
    books.counters.exchanged += 1;
    if (payment?.amount !== paid)
      note("exchange_differs", id, at, `${paid} exchanged, paid were ${payment?.amount ?? 0n}`);
    if (event.name === "Held") {
      const held = books.holds.get(text(event, "hold"))?.amount;
      if (held !== settled) note("exchange_differs", id, at, `${settled} settled, held are ${held ?? 0n}`);
      if (paid > whole(event, "ceiling")) note("exchange_differs", id, at, `${paid} paid, above the ceiling`);
    }
    rows.push(event);
  }

  function fill(event: ChainEvent, at: Moment): void {
    const id = text(event, "id");
    const quote = event.fields.quote as unknown as Quote;
    const [paid, settled, filled] = [whole(event, "paid"), whole(event, "settled"), whole(event, "filled")];
    checkQuote(id, quote, at);
    const before = books.fills.get(id) ?? { filled: 0n, isCancelled: false };
    if (before.filled + settled !== filled)
      note("quote_differs", id, at, `${settled} on ${before.filled} is not ${filled}`);
    if (filled > quote.settleAmount) note("quote_exceeded", id, at, `${filled} of ${quote.settleAmount}`);
    const cost = costOf(quote.payAmount, quote.settleAmount, settled);
    if (paid < cost) note("quote_too_cheap", id, at, `${paid} for ${settled}, which costs ${cost}`);
    if (before.isCancelled) note("quote_void", id, at, "its maker cancelled it");
    const { transactionHash, blockNumber } = at;
    books.fills.set(id, { filled, isCancelled: before.isCancelled, transactionHash, blockNumber });
    if (refund === null) fillByPayments(event, quote, at);
    else fillByRefund(refund, event, quote, at);
    [rows, refund] = [[], null];
  }

  function checkQuote(id: string, quote: Quote, at: Moment): void {
    const own = quoteId({ chainId: contracts.chainId, exchange }, quote);
    if (own !== id) note("quote_differs", id, at, `the quote that is told has the id ${own}`);
    const generation = books.generations.get(quote.maker)?.generation ?? 0n;
    if (quote.generation !== generation)
      note("quote_void", id, at, `of generation ${quote.generation}, not ${generation}`);
    if (at.timestamp > quote.deadline) note("quote_void", id, at, `its deadline was ${quote.deadline}`);
  }

  function fillByPayments(event: ChainEvent, quote: Quote, at: Moment): void {
    const [maker, operator] = [text(event, "maker"), text(event, "operator")];
    let [paid, settled] = [0n, 0n];
    for (const row of rows) {
      const [id, given, cost] = [text(row, "id"), whole(row, "settled"), whole(row, "paid")];
      const least = costOf(quote.payAmount, quote.settleAmount, given);
      if (cost !== least) note("quote_too_cheap", id, at, `${cost} for ${given}, which costs ${least}`);
      paid += cost;
      settled += given;
      if (row.name === "Held") {
        moves.expect(quote.settleToken, exchange, given);
        continue;
      }
      const [payee, fee] = [text(row, "payee"), whole(row, "fee")];
      const due = feeOn(books.agreements.get(`${payee}:${operator}:${quote.settleToken}`), given);
      if (fee !== due) note("fee_differs", id, at, `${fee} taken, ${due} agreed`);
      moves.expect(quote.settleToken, payee, given - fee);
      moves.expect(quote.settleToken, operator, fee);
      addFee(books, quote.settleToken, operator, fee);
    }
    if (
      whole(event, "payments") !== BigInt(rows.length) ||
      whole(event, "paid") !== paid ||
      whole(event, "settled") !== settled
    ) {
      note("quote_differs", text(event, "id"), at, `its payments paid ${paid} for ${settled}`);
    }
    moves.expect(quote.settleToken, maker, -settled);
    moves.expect(quote.payToken, maker, paid);
    moves.expect(quote.payToken, exchange, -paid);
  }

  function fillByRefund(told: ChainEvent, event: ChainEvent, quote: Quote, at: Moment): void {
    const [id, holdId, cost, returned] = [
      ...[text(told, "id"), text(told, "hold")],
      ...[whole(told, "cost"), whole(told, "returned")],
    ] as [string, string, bigint, bigint];
    if (whole(event, "paid") !== cost || whole(event, "settled") !== returned || rows.length > 0) {
      note("quote_differs", text(event, "id"), at, `a refund cost ${cost} and returned ${returned}`);
    }
    const hold = books.holds.get(holdId);
    const before = books.fxRefunds.get(holdId)?.amount ?? 0n;
    const [amount, sum] = [whole(told, "amount"), whole(told, "refunded")];
    if (before + amount !== sum || sum > (hold?.captured ?? 0n)) {
      note("hold_exceeded", holdId, at, `${amount} refunded on ${before}, to ${sum} of ${hold?.captured ?? 0n}`);
    }
    const { transactionHash, blockNumber } = at;
    books.fxRefunds.set(holdId, { amount: sum, transactionHash, blockNumber });
    if (hold === undefined) note("exchange_differs", id, at, `there is no hold ${holdId}`);
    const maker = text(event, "maker");
    moves.expect(quote.payToken, hold?.payee ?? "", -cost);
    moves.expect(quote.payToken, maker, cost);
    moves.expect(quote.settleToken, maker, -returned);
    moves.expect(quote.settleToken, hold?.payer ?? "", returned);
  }

  return {
    apply(event, at) {
      const { transactionHash, blockNumber } = at;
      switch (event.name) {
        case "Exchanged":
        case "Held":
          add(event, at);
          break;
        case "Refunded":
          refund = event;
          break;
        case "QuoteFilled":
          fill(event, at);
          break;
        case "QuoteCancelled": {
          const id = text(event, "id");
          const filled = books.fills.get(id)?.filled ?? 0n;
          books.fills.set(id, { filled, isCancelled: true, transactionHash, blockNumber });
          break;
        }
        case "GenerationRaised": {
          const [maker, generation] = [text(event, "maker"), whole(event, "generation")];
          const before = books.generations.get(maker)?.generation ?? 0n;
          if (generation !== before + 1n) note("quote_differs", maker, at, `generation ${generation} after ${before}`);
          books.generations.set(maker, { generation, transactionHash, blockNumber });
          break;
        }
        case "GuardSet":
        case "GuardRemoved": {
          const key = `${text(event, "payToken")}:${text(event, "settleToken")}`;
          const guard = event.name === "GuardRemoved" ? null : (event.fields.terms as unknown as GuardTerms);
          books.guards.set(key, { guard, transactionHash, blockNumber });
          break;
        }
        default:
      }
    },
    paid(settled) {
      for (const payment of settled) {
        if (payment.payee === exchange && payment.operator === exchange) payments.set(payment.id, payment);
      }
    },
    moved: (token, owner, amount) => {
      moves.moved(token, owner, amount);
    },
    close(at) {
      for (const id of payments.keys()) note("exchange_differs", id, at, "paid to the Exchange, and not exchanged");
      for (const row of rows) note("exchange_differs", text(row, "id"), at, "exchanged, and no quote is told");
      if (refund !== null) note("exchange_differs", text(refund, "id"), at, "refunded, and no quote is told");
      payments = new Map();
      [rows, refund] = [[], null];
      moves.close(at);
    },
  };
}

type GuardTerms = NonNullable<Parameters<Books["guards"]["set"]>[1]["guard"]>;
