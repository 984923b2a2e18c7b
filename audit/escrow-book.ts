import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { HoldStatus } from "../sdk/hold.ts";
import type { Books, HoldState, SplitState, Touched } from "./books.ts";
import { type ChainEvent, text, whole } from "./chain-events.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { feeOn, shareGrowth } from "./fees.ts";
import type { Moment } from "./ledger-accounts.ts";
import { addFee, type SettledPayment } from "./ledger-book.ts";
import { createMoves } from "./moves.ts";

/** What the Escrow's events do to the holds. */
export interface EscrowBook {
  apply(event: ChainEvent, at: Moment): void;
  /** Payments that the Escrow collected, which it has to open holds for. */
  paid(payments: readonly SettledPayment[]): void;
  /** What the Ledger says that the Escrow moved. */
  moved(token: string, owner: string, amount: bigint): void;
  close(at: Moment): void;
}

type Hold = HoldState & Touched;

/** The acts on a hold, and from which status each is allowed (docs/invariants.md). */
const ALLOWED: Readonly<Record<string, readonly HoldStatus[]>> = {
  Captured: ["open"],
  Voided: ["open"],
  Reclaimed: ["open"],
  Disputed: ["open"],
  EvidenceSubmitted: ["disputed"],
  Ruled: ["disputed"],
  Resolved: ["disputed"],
  SettledByAgreement: ["open", "disputed"],
};

const ENDS = { Ruled: "ruled", Resolved: "resolved", SettledByAgreement: "agreed" } as const;

export function createEscrowBook(books: Books, contracts: RecordContracts, exceptions: ExceptionLog): EscrowBook {
  const { note } = exceptions;
  const escrow = contracts.escrow?.toLowerCase() ?? "";
  const moves = createMoves("hold_money_differs", exceptions);
  let payments = new Map<string, SettledPayment>();
  /** Opened, and their batch is not told yet. */
  let opened: { readonly id: string; readonly hold: Hold; funder: string | null }[] = [];
  let captured: { readonly id: string; readonly amount: bigint; readonly before: bigint; readonly later: bigint }[] =
    [];
  /** A hold that an event has just ended; what it captures by that is told next. */
  let closing: { readonly id: string; readonly before: bigint } | null = null;

  function open(event: ChainEvent, at: Moment): void {
    const id = text(event, "id");
    if (books.holds.has(id)) note("hold_transition", id, at, "opened again");
    const payment = payments.get(id);
    payments.delete(id);
    const hold: Hold = {
      ...{ status: "open", disputedAt: 0n, captured: 0n, refunded: 0n, token: "", splits: [] },
      ...{ payer: text(event, "payer"), payee: text(event, "payee"), arbiter: text(event, "arbiter") },
      ...{ captureDeadline: whole(event, "captureDeadline"), amount: payment?.amount ?? -1n },
      ...{ transactionHash: at.transactionHash, blockNumber: at.blockNumber },
    };
    if (payment !== undefined && payment.payer !== hold.payer) {
      note("hold_without_payment", id, at, `paid by ${payment.payer}, held for ${hold.payer}`);
    }
    books.holds.set(id, hold);
    books.counters.holds += 1;
    opened.push({ id, hold, funder: null });
  }

  function fund(event: ChainEvent, at: Moment): void {
    const last = opened.at(-1);
    const [id, amount] = [text(event, "id"), whole(event, "amount")];
    if (last?.id !== id) {
      note("hold_without_payment", id, at, "funded, and not opened by the event before");
      return;
    }
    if (last.hold.amount !== -1n && last.hold.amount !== amount) {
      note("hold_without_payment", id, at, `${last.hold.amount} paid, ${amount} held`);
    }
    last.hold.amount = amount;
    last.funder = text(event, "funder");
  }

  function openBatch(event: ChainEvent, at: Moment): void {
    const [payee, token, count] = [text(event, "payee"), text(event, "token"), whole(event, "holds")];
    const splits = (event.fields.splits as readonly { readonly recipient: string; readonly shareBps: bigint }[]).map(
      ({ recipient, shareBps }): SplitState => ({ recipient, shareBps }),
    );
    if (count !== BigInt(opened.length)) note("batch_differs", payee, at, `${count} holds of ${opened.length}`);
    for (const { id, hold, funder } of opened) {
      Object.assign(hold, { token, splits });
      if (hold.payee !== payee) note("batch_differs", id, at, `opened for ${hold.payee}, its batch for ${payee}`);
      if (hold.amount === -1n) {
        note("hold_without_payment", id, at, "nobody paid for it in this transaction");
        hold.amount = 0n;
      }
      if (funder === null) continue;
      moves.expect(token, funder, -hold.amount);
      moves.expect(token, escrow, hold.amount);
    }
    opened = [];
  }

  /** The hold that an act is on, if it may happen to it now. */
  function holdOf(event: ChainEvent, at: Moment): Hold | undefined {
    const id = text(event, "id");
    const hold = books.holds.get(id);
    if (hold === undefined) {
      note("hold_transition", id, at, `${event.name} without a hold`);
      return undefined;
    }
    const allowed = ALLOWED[event.name];
    if (allowed !== undefined && !allowed.includes(hold.status)) {
      note("hold_transition", id, at, `${event.name} of what is ${hold.status}`);
    }
    hold.transactionHash = at.transactionHash;
    hold.blockNumber = at.blockNumber;
    return hold;
  }

  function capture(event: ChainEvent, at: Moment): void {
    const [id, amount, sum] = [text(event, "id"), whole(event, "amount"), whole(event, "captured")];
    if (closing?.id === id) {
      const { before } = closing;
      closing = null;
      const hold = books.holds.get(id);
      if (hold?.captured !== sum || sum - before !== amount) {
        note("hold_exceeded", id, at, `${amount} captured at its end, to ${sum} from ${before}`);
      }
      captured.push({ id, amount, before, later: sum });
      return;
    }
    const hold = holdOf(event, at);
    if (hold === undefined) return;
    const before = hold.captured;
    if (before + amount !== sum || sum > hold.amount) {
      note("hold_exceeded", id, at, `${amount} captured on ${before}, to ${sum} of ${hold.amount}`);
    }
    if (at.timestamp > hold.captureDeadline) note("hold_transition", id, at, "captured after its deadline");
    hold.captured = sum;
    hold.status = sum === hold.amount ? "captured" : "open";
    captured.push({ id, amount, before, later: sum });
  }

  function captureBatch(event: ChainEvent, at: Moment): void {
    const [payee, token, operator] = [text(event, "payee"), text(event, "token"), text(event, "operator")];
    const [gross, fee] = [whole(event, "gross"), whole(event, "fee")];
    const agreement = books.agreements.get(`${payee}:${operator}:${token}`);
    let [sum, due, left] = [0n, 0n, 0n];
    for (const { id, amount, before, later } of captured) {
      const splits = books.holds.get(id)?.splits ?? [];
      const shares = shareGrowth(splits, before, later);
      splits.forEach(({ recipient }, index) => {
        moves.expect(token, recipient, shares.parts[index] ?? 0n);
      });
      const agreed = feeOn(agreement, amount);
      due += agreed < shares.left ? agreed : shares.left;
      sum += amount;
      left += shares.left;
    }
    if (whole(event, "captures") !== BigInt(captured.length) || sum !== gross) {
      note("batch_differs", `${payee} ${token}`, at, `${gross} captured, its holds say ${sum}`);
    }
    const isPayees = operator === payee && fee === 0n;
    if (fee !== due && !isPayees) note("fee_differs", `${payee} ${operator}`, at, `${fee} taken, ${due} agreed`);
    moves.expect(token, payee, left - fee);
    moves.expect(token, operator, fee);
    moves.expect(token, escrow, -gross);
    addFee(books, token, operator, fee);
    captured = [];
  }

  function giveBack(hold: Hold, amount: bigint): void {
    moves.expect(hold.token, hold.payer, amount);
    moves.expect(hold.token, escrow, -amount);
  }

  function end(event: ChainEvent, at: Moment): void {
    const hold = holdOf(event, at);
    if (hold === undefined) return;
    const [id, amount] = [text(event, "id"), whole(event, "amount")];
    if (amount !== hold.amount - hold.captured) {
      note("hold_exceeded", id, at, `${amount} returned of ${hold.amount - hold.captured}`);
    }
    if (event.name === "Reclaimed" && at.timestamp <= hold.captureDeadline) {
      note("hold_transition", id, at, "reclaimed before its capture deadline");
    }
    hold.status = event.name === "Voided" ? "voided" : "reclaimed";
    giveBack(hold, amount);
  }

  function decide(event: ChainEvent, status: HoldStatus, at: Moment): void {
    const hold = holdOf(event, at);
    if (hold === undefined) return;
    const [id, toPayer, toPayee] = [text(event, "id"), whole(event, "toPayer"), whole(event, "toPayee")];
    const left = hold.amount - hold.captured;
    if (toPayer + toPayee !== left) note("hold_exceeded", id, at, `${toPayer} and ${toPayee} of ${left}`);
    if (event.name === "Ruled" && text(event, "arbiter") !== hold.arbiter) {
      note("hold_transition", id, at, `ruled by ${text(event, "arbiter")}, not by ${hold.arbiter}`);
    }
    if (toPayee !== 0n) closing = { id, before: hold.captured };
    hold.status = status;
    hold.captured = hold.amount - toPayer;
    giveBack(hold, toPayer);
  }

  function refund(event: ChainEvent, at: Moment): void {
    const hold = holdOf(event, at);
    if (hold === undefined) return;
    const [id, amount, sum] = [text(event, "id"), whole(event, "amount"), whole(event, "refunded")];
    if (hold.refunded + amount !== sum || sum > hold.captured) {
      note("hold_exceeded", id, at, `${amount} refunded on ${hold.refunded}, to ${sum} of ${hold.captured}`);
    }
    hold.refunded = sum;
    const byPayee = whole(event, "byPayee");
    moves.expect(hold.token, hold.payer, amount);
    moves.expect(hold.token, hold.payee, -byPayee);
    const others = hold.splits.map(({ recipient }) => recipient);
    if (byPayee !== amount) moves.expectFrom(hold.token, others, amount - byPayee);
  }

  return {
    apply(event, at) {
      switch (event.name) {
        case "Opened":
          open(event, at);
          break;
        case "Funded":
          fund(event, at);
          break;
        case "BatchOpened":
          openBatch(event, at);
          break;
        case "Captured":
          capture(event, at);
          break;
        case "BatchCaptured":
          captureBatch(event, at);
          break;
        case "Voided":
        case "Reclaimed":
          end(event, at);
          break;
        case "Refunded":
          refund(event, at);
          break;
        case "Disputed": {
          const hold = holdOf(event, at);
          if (hold !== undefined) Object.assign(hold, { status: "disputed", disputedAt: at.timestamp });
          break;
        }
        case "EvidenceSubmitted":
          holdOf(event, at);
          break;
        case "Ruled":
        case "Resolved":
        case "SettledByAgreement":
          decide(event, ENDS[event.name], at);
          break;
        default:
      }
    },
    paid(settled) {
      for (const payment of settled) {
        if (payment.payee === escrow && payment.operator === escrow) payments.set(payment.id, payment);
      }
    },
    moved: (token, owner, amount) => {
      moves.moved(token, owner, amount);
    },
    close(at) {
      for (const id of payments.keys())
        note("payment_without_hold", id, at, "paid to the Escrow, which opened no hold for it");
      for (const { id } of opened) note("batch_differs", id, at, "opened, and its batch is not told");
      for (const { id } of captured) note("batch_differs", id, at, "captured, and its batch is not told");
      if (closing !== null) note("hold_exceeded", closing.id, at, "its end captured something, and no event says so");
      payments = new Map();
      [opened, captured, closing] = [[], [], null];
      moves.close(at);
    },
  };
}
