import type { RecordContracts } from "../sdk/record/contracts.ts";
import type { Books } from "./books.ts";
import { type ChainEvent, text, whole } from "./chain-events.ts";
import type { ExceptionLog } from "./exceptions.ts";
import { feeOn, shareFee } from "./fees.ts";
import type { IdSet } from "./id-set.ts";
import type { Moment } from "./ledger-accounts.ts";
import { addFee, checkBatch, type SettledPayment } from "./ledger-book.ts";

interface Credit {
  readonly token: string;
  readonly owner: string;
  readonly amount: bigint;
}

/** What the Gateway's events say, and whether the Ledger credited it. */
export interface GatewayBook {
  /** @returns the payments of a batch that is complete, with those of them that may have settled before. */
  apply(event: ChainEvent, at: Moment): readonly SettledPayment[];
  /** A deposit of the Gateway's, as the Ledger tells it. */
  deposited(credit: Credit): void;
  /** Ids that may have been there before, to be looked up. */
  takeSuspects(): readonly string[];
  close(at: Moment): void;
}

export function createGatewayBook(
  books: Books,
  contracts: RecordContracts,
  ids: IdSet,
  { note }: ExceptionLog,
): GatewayBook {
  const [gateway, escrow] = [contracts.gateway?.toLowerCase() ?? "", contracts.escrow?.toLowerCase() ?? ""];
  let rows: Omit<SettledPayment, "token" | "operator" | "feeShare">[] = [];
  let expected: Credit[] = [];
  let unclaimed: Credit[] = [];
  let suspects: string[] = [];

  function settle(event: ChainEvent, at: Moment): SettledPayment[] {
    const [payee, token, operator] = [text(event, "payee"), text(event, "token"), text(event, "operator")];
    const [gross, fee] = [whole(event, "gross"), whole(event, "fee")];
    const agreement = books.agreements.get(`${payee}:${operator}:${token}`);
    const amounts = rows.map(({ amount }) => amount);
    const shares = shareFee(fee, amounts);
    const settled = rows.map((row, index) => ({ ...row, token, operator, feeShare: shares[index] ?? 0n }));
    rows = [];
    checkBatch(event, settled, at, note);
    const due = amounts.reduce((sum, amount) => sum + feeOn(agreement, amount), 0n);
    if (fee !== due) note("fee_differs", `${payee} ${operator}`, at, `${fee} taken, ${due} agreed`);
    addFee(books, token, operator, fee);
    // A hold's money passes through the Gateway's own account, where the Escrow takes it.
    const owner = payee === escrow ? gateway : payee;
    expected.push({ token, owner, amount: gross - fee });
    if (fee !== 0n) expected.push({ token, owner: operator, amount: fee });
    return settled;
  }

  return {
    apply(event, at) {
      switch (event.name) {
        case "Settled": {
          const [id, payer] = [text(event, "id"), text(event, "payer")];
          if (ids.add(id)) suspects.push(id);
          rows.push({
            ...{ id, payer, payee: text(event, "payee"), amount: whole(event, "amount"), nonce: whole(event, "nonce") },
            ...{ memo: text(event, "memo"), signer: payer, isPulled: true },
          });
          return [];
        }
        case "BatchSettled":
          return settle(event, at);
        case "Deposited": {
          const credit = { token: text(event, "token"), owner: text(event, "owner"), amount: whole(event, "amount") };
          if (!takeOut(unclaimed, credit))
            note("event_unpaired", text(event, "id"), at, "the Ledger tells no such deposit");
          return [];
        }
        case "Rejected":
          books.counters.rejections += 1;
          return [];
        default:
          return [];
      }
    },
    deposited(credit) {
      if (!takeOut(expected, credit)) unclaimed.push(credit);
    },
    takeSuspects() {
      const found = suspects;
      suspects = [];
      return found;
    },
    close(at) {
      for (const { id } of rows) note("batch_differs", id, at, "no event credits its batch");
      for (const { owner, token, amount } of expected) {
        if (amount !== 0n)
          note("event_unpaired", `${owner} ${token}`, at, `${amount} pulled for her and not deposited`);
      }
      for (const { owner, token, amount } of unclaimed) {
        note("event_unpaired", `${owner} ${token}`, at, `${amount} deposited by the Gateway for nothing that it tells`);
      }
      [rows, expected, unclaimed] = [[], [], []];
    },
  };
}

function takeOut(credits: Credit[], { token, owner, amount }: Credit): boolean {
  const at = credits.findIndex((one) => one.token === token && one.owner === owner && one.amount === amount);
  if (at === -1) return false;
  credits.splice(at, 1);
  return true;
}
