import type { MovementKind } from "../../sdk/statement/movement-kinds.ts";
import type { Event } from "./chain-log.ts";
import { type Draft, fieldsOf, type LedgerTransfer, type Split, sumOf } from "./movement-draft.ts";
import { shareOut } from "./share-out.ts";

/** Whose hold it is, as its opening says. */
export interface OpenedHold {
  readonly payer: string;
  readonly payee: string;
  readonly memo: string;
}

interface Part {
  readonly id: string;
  readonly amount: bigint;
}

interface Capture {
  readonly kind: MovementKind;
  readonly parts: readonly Part[];
  readonly payee: string;
  readonly operator: string;
  readonly fee: bigint;
  /** What of the gross sum was not paid out yet. */
  left: bigint;
}

/** What the Escrow's events of one transaction say of the Ledger's transfers that follow them. */
export class EscrowTrail {
  readonly #payments = new Map<string, Draft>();
  readonly #opened = new Map<string, OpenedHold>();
  #funded: (Part & { readonly funder: string })[] = [];
  #captured: Part[] = [];
  #capture: Capture | undefined;
  /** What goes back to payers, in the order in which it is paid out. */
  #returned: (Part & { readonly kind: MovementKind })[] = [];
  /** Refunds that are to be taken from payees and recipients. */
  #taken: (Part & { readonly byPayee: bigint })[] = [];
  #isDivided = false;

  sawPayment(payment: Draft): void {
    if (payment.reference !== null) this.#payments.set(payment.reference, payment);
  }

  opened(hold: string): OpenedHold | undefined {
    return this.#opened.get(hold);
  }

  saw(event: Event): void {
    const { text, whole } = fieldsOf(event);
    const id = text("id");
    switch (event.name) {
      case "Opened": {
        const hold = { payer: text("payer"), payee: text("payee"), memo: text("memo") };
        this.#opened.set(id, hold);
        const payment = this.#payments.get(id);
        if (payment === undefined) break;
        [payment.kind, payment.party, payment.memo] = ["hold_opened", hold.payee, hold.memo];
        break;
      }
      case "Funded":
        this.#funded.push({ id, amount: whole("amount"), funder: text("funder") });
        break;
      case "Captured":
        this.#captured.push({ id, amount: whole("amount") });
        break;
      case "BatchCaptured":
        this.#capture = {
          ...{ kind: this.#isDivided ? "hold_divided" : "hold_captured", parts: this.#captured },
          ...{ payee: text("payee"), operator: text("operator"), fee: whole("fee"), left: whole("gross") },
        };
        this.#captured = [];
        this.#isDivided = false;
        break;
      case "Voided":
      case "Reclaimed":
        this.#returned.push({
          id,
          amount: whole("amount"),
          kind: event.name === "Voided" ? "hold_voided" : "hold_reclaimed",
        });
        break;
      case "Refunded":
        this.#taken.push({ id, amount: whole("amount"), byPayee: whole("byPayee") });
        this.#returned.push({ id, amount: whole("amount"), kind: "hold_refunded" });
        break;
      case "Ruled":
      case "Resolved":
      case "SettledByAgreement":
        this.#isDivided = true;
        this.#returned.push({ id, amount: whole("toPayer"), kind: "hold_divided" });
        break;
      default:
    }
  }

  /** For which holds a transfer by the Escrow is; undefined: what it is for is not known. */
  split(transfer: LedgerTransfer, escrow: string): readonly Split[] | undefined {
    if (transfer.sender === escrow)
      return this.#capture === undefined ? this.#payOut(transfer) : this.#payCaptures(transfer);
    return this.#funded.length > 0 ? this.#fund(transfer) : this.#takeRefunds(transfer);
  }

  #fund({ sender, amount }: LedgerTransfer): readonly Split[] | undefined {
    const funded = this.#funded.filter(({ funder }) => funder === sender);
    this.#funded = [];
    if (sumOf(funded.map((part) => part.amount)) !== amount) return undefined;
    return funded.map((part) => {
      const hold = this.#opened.get(part.id);
      return { ...bare(part, "hold_opened"), party: hold?.payee ?? null, memo: hold?.memo ?? null };
    });
  }

  /** Recipients' and payee's accounts are lowered one after another, the payee's last. */
  #takeRefunds({ amount }: LedgerTransfer): readonly Split[] | undefined {
    const taken = this.#taken;
    if (taken.length === 0) return undefined;
    const byPayee = taken.map((part) => part.byPayee);
    const byOthers = taken.map((part) => part.amount - part.byPayee);
    const shares = sumOf(byPayee) === amount ? byPayee : shareOut(amount, byOthers);
    return taken.map(({ id }, index) => ({ amount: shares[index] ?? 0n, kind: "hold_refunded", reference: id }));
  }

  #payOut({ amount }: LedgerTransfer): readonly Split[] | undefined {
    this.#taken = [];
    const at = this.#returned.findIndex((part) => part.amount !== 0n);
    const next = this.#returned[at];
    if (next?.amount !== amount) return undefined;
    this.#returned.splice(0, at + 1);
    this.#isDivided = false;
    return [bare(next, next.kind)];
  }

  /** First each recipient's share, then the payee's, then the operator's fee. */
  #payCaptures({ receiver, amount }: LedgerTransfer): readonly Split[] {
    const capture = this.#capture;
    if (capture === undefined) return [];
    const { parts, fee, payee, operator, kind } = capture;
    capture.left -= amount;
    if (capture.left <= 0n) this.#capture = undefined;
    const [only] = parts;
    const reference = parts.length === 1 && only !== undefined ? only.id : null;
    if (capture.left === 0n && fee !== 0n && amount === fee && receiver === operator) {
      return [{ amount, kind: "fee", reference, party: payee }];
    }
    const weights = parts.map((part) => part.amount);
    const shares = shareOut(amount, weights);
    const fees = receiver === payee ? shareOut(fee, weights) : [];
    return parts.map(({ id }, index) => ({ amount: shares[index] ?? 0n, fee: fees[index] ?? 0n, kind, reference: id }));
  }
}

function bare({ id, amount }: Part, kind: MovementKind): Split {
  return { amount, kind, reference: id };
}
