import { getAddress, toBeHex, ZeroAddress, ZeroHash } from "ethers";

import type { Movement } from "../movement.ts";
import { addressIn, type ChainLog, type Event } from "./chain-log.ts";
import { EscrowTrail } from "./escrow-trail.ts";
import { ExchangeTrail } from "./exchange-trail.ts";
import { type Draft, fieldsOf, type LedgerTransfer, newDraft, type Split } from "./movement-draft.ts";
import { shareOut } from "./share-out.ts";

/** The contracts whose events move accounts, or say why they moved. */
export interface FollowedContracts {
  readonly ledger: string;
  readonly gateway?: string | undefined;
  readonly escrow?: string | undefined;
  readonly exchange?: string | undefined;
}

/**
 * Reads the logs of one transaction, in their order, into movements. What moved stands in the Ledger's events alone; the other
 * contracts' events around them say for which payments. Where they do not fit, what moved stands as a plain transfer: the sums
 * are right in any case.
 */
export class MovementTrail {
  readonly #drafts: Draft[] = [];
  readonly #escrow = new EscrowTrail();
  readonly #exchange = new ExchangeTrail();
  /** Payments whose batch is about to be logged. */
  #batch: Draft[] = [];
  #pulled: Draft[] = [];
  /** What the Gateway is about to deposit for payments that it logged. */
  #expected: { readonly owner: string; readonly token: string; readonly amount: bigint }[] = [];
  #depositor: string | null = null;
  #deposit: Draft | undefined;
  #withdrawn:
    { readonly id: string | null; readonly owner: string; readonly to: string; readonly fee: bigint } | undefined;

  constructor(
    readonly transactionHash: string,
    private readonly contracts: FollowedContracts,
  ) {}

  onSettled(log: ChainLog): void {
    const draft = settledDraft(log);
    this.#batch.push(draft);
    this.#drafts.push(draft);
    this.#escrow.sawPayment(draft);
    this.#exchange.sawPayment(draft);
  }

  /** The payer of a pulled payment pays from no account. */
  onPulled(log: ChainLog): void {
    const draft = settledDraft(log);
    this.#pulled.push({ ...draft, party: draft.debited, debited: null, debit: 0n });
  }

  onLedger(log: ChainLog, event: Event | undefined): void {
    if (event === undefined) return;
    const { text, whole } = fieldsOf(event);
    switch (event.name) {
      case "BatchSettled":
        this.#settleBatch(log, this.#batch, event);
        this.#batch = [];
        break;
      case "Deposited":
        this.#depositor = text("from");
        break;
      case "Withdrawn": {
        const id = text("id");
        this.#withdrawn = { id: id === ZeroHash ? null : id, owner: text("owner"), to: text("to"), fee: whole("fee") };
        break;
      }
      case "Transfer": {
        const token = getAddress(toBeHex(whole("id"), 20));
        const [sender, receiver, amount] = [text("sender"), text("receiver"), whole("amount")];
        this.#transfer(log, text("caller"), { sender, receiver, token, amount });
        break;
      }
      default:
    }
  }

  onGateway(log: ChainLog, event: Event | undefined): void {
    if (event === undefined) return;
    const { text, whole } = fieldsOf(event);
    if (event.name === "Deposited" && this.#deposit !== undefined) {
      [this.#deposit.party, this.#deposit.reference] = [text("from"), text("id")];
    }
    if (event.name !== "BatchSettled") return;
    const pulled = this.#pulled;
    this.#pulled = [];
    // What goes into holds is deposited for the Gateway, and moves on from there.
    if (text("payee") === this.contracts.escrow) return;
    this.#drafts.push(...pulled);
    this.#settleBatch(log, pulled, event);
    const [token, fee] = [text("token"), whole("fee")];
    const credits = [
      { owner: text("payee"), token, amount: whole("gross") - fee },
      { owner: text("operator"), token, amount: fee },
    ];
    this.#expected.push(...credits.filter(({ amount }) => amount !== 0n));
  }

  onEscrow(event: Event | undefined): void {
    if (event !== undefined) this.#escrow.saw(event);
  }

  onExchange(event: Event | undefined): void {
    if (event !== undefined) this.#exchange.saw(event, (hold) => this.#escrow.opened(hold));
  }

  /** What the transaction came to. */
  finish(): Movement[] {
    return this.#drafts.filter(({ debit, credit }) => debit !== 0n || credit !== 0n);
  }

  #settleBatch(log: ChainLog, batch: readonly Draft[], event: Event): void {
    const { text, whole } = fieldsOf(event);
    const [token, fee] = [text("token"), whole("fee")];
    const shares =
      fee === 0n
        ? []
        : shareOut(
            fee,
            batch.map(({ credit }) => credit),
          );
    for (const [index, draft] of batch.entries()) {
      draft.token = token;
      draft.fee = shares[index] ?? 0n;
      draft.credit -= draft.fee;
    }
    if (fee === 0n) return;
    const [credited, party] = [text("operator"), text("payee")];
    this.#drafts.push({ ...newDraft(log, "fee", token), credited, credit: fee, party });
  }

  #transfer(log: ChainLog, caller: string, transfer: LedgerTransfer): void {
    const { sender, receiver, token, amount } = transfer;
    if (sender === ZeroAddress) {
      this.#minted(log, transfer);
      return;
    }
    const base = { ...newDraft(log, "transfer", token), debited: sender, debit: amount };
    if (receiver === ZeroAddress) {
      const { id = null, to = null } = this.#withdrawn ?? {};
      this.#drafts.push({ ...base, kind: "withdrawal", reference: id, party: to });
      return;
    }
    const draft = { ...base, credited: receiver, credit: amount };
    const splits = this.#splitsOf(caller, transfer);
    if (splits !== undefined) {
      this.#drafts.push(...partsOf(draft, splits));
      return;
    }
    const withdrawn = this.#withdrawn;
    const isFee = withdrawn?.owner === sender && withdrawn.fee === amount && caller === receiver;
    if (isFee) [draft.kind, draft.reference, this.#withdrawn] = ["fee", withdrawn.id, undefined];
    this.#drafts.push(draft);
  }

  #minted(log: ChainLog, { receiver, token, amount }: LedgerTransfer): void {
    const next = this.#expected[0];
    if (next?.owner === receiver && next.token === token && next.amount === amount) {
      this.#expected.shift();
      return;
    }
    const deposit = { ...newDraft(log, "deposit", token), credited: receiver, credit: amount, party: this.#depositor };
    this.#deposit = deposit;
    this.#drafts.push(deposit);
  }

  #splitsOf(caller: string, transfer: LedgerTransfer): readonly Split[] | undefined {
    if (caller === this.contracts.escrow) return this.#escrow.split(transfer, caller);
    if (caller === this.contracts.exchange) return this.#exchange.split(transfer, caller);
    return undefined;
  }
}

/** Its token is told by the batch. */
function settledDraft(log: ChainLog): Draft {
  const [, id = "", payer = "", payee = ""] = log.topics;
  const amount = BigInt(log.data.slice(0, 66));
  return {
    ...newDraft(log, "payment", ""),
    ...{ debited: addressIn(payer), debit: amount, credited: addressIn(payee), credit: amount },
    ...{ reference: id, memo: `0x${log.data.slice(130, 194)}` },
  };
}

function partsOf(draft: Draft, splits: readonly Split[]): Draft[] {
  return splits.map(({ amount, ...rest }, part) => ({ ...draft, ...rest, part, debit: amount, credit: amount }));
}
