import type { Books } from "./books.ts";
import { type ChainEvent, text, whole } from "./chain-events.ts";
import type { ExceptionLog, Place } from "./exceptions.ts";

/** A transfer of a claim, as the Ledger logs it. Nobody stands for the Ledger itself at deposits and withdrawals. */
interface Transfer {
  readonly caller: string;
  readonly sender: string;
  readonly receiver: string;
  readonly token: string;
  readonly amount: bigint;
}

/** Each deposit and withdrawal says in two events what it does; what others move, they must have been allowed. */
export interface TransferPairs {
  deposited(event: ChainEvent): void;
  withdrawn(event: ChainEvent): void;
  check(transfer: Transfer, at: Place): void;
  close(at: Place): void;
}

const NOBODY = `0x${"0".repeat(40)}`;
const UNLIMITED = 2n ** 256n - 1n;

export function createTransferPairs(books: Books, { note }: ExceptionLog): TransferPairs {
  /** What must come next. A caller of `null`: whoever calls; of a fee, she gets it. */
  let expected: (Omit<Transfer, "caller" | "receiver"> & { caller: string | null; receiver: string | null })[] = [];

  function spend({ caller, sender, token, amount }: Transfer, at: Place): void {
    if (caller === sender || books.operators.get(`${sender}:${caller}`)?.isApproved === true) return;
    const key = `${sender}:${caller}:${token}`;
    const allowed = books.allowances.get(key)?.amount ?? 0n;
    if (allowed === UNLIMITED) return;
    if (amount > allowed) {
      note("not_allowed", `${sender} ${token}`, at, `${caller} moved ${amount}, allowed were ${allowed}`);
    }
    const { transactionHash, blockNumber } = at;
    books.allowances.set(key, { amount: allowed - amount, transactionHash, blockNumber });
  }

  return {
    deposited(event) {
      const [receiver, caller] = [text(event, "owner"), text(event, "from")];
      expected.push({ caller, sender: NOBODY, receiver, token: text(event, "token"), amount: whole(event, "amount") });
    },
    withdrawn(event) {
      const [sender, token, fee] = [text(event, "owner"), text(event, "token"), whole(event, "fee")];
      const isOwnCall = BigInt(text(event, "id")) === 0n;
      const amount = whole(event, "amount") - fee;
      expected.push({ caller: isOwnCall ? sender : null, sender, receiver: NOBODY, token, amount });
      if (fee !== 0n) expected.push({ caller: null, sender, receiver: null, token, amount: fee });
    },
    check(transfer, at) {
      const { caller, sender, receiver, token, amount } = transfer;
      const next = expected.shift();
      if (next === undefined) {
        if (sender !== NOBODY && receiver !== NOBODY) spend(transfer, at);
        else
          note(
            "event_unpaired",
            `${sender} ${receiver} ${token}`,
            at,
            `a transfer of ${amount} of no deposit or withdrawal`,
          );
        return;
      }
      const isSame =
        next.sender === sender &&
        next.receiver === (next.receiver === null ? null : receiver) &&
        (next.receiver !== null || receiver === caller) &&
        (next.caller === null || next.caller === caller) &&
        next.token === token &&
        next.amount === amount;
      if (!isSame)
        note("event_unpaired", `${next.sender} ${token}`, at, `${next.amount} expected, ${amount} transferred`);
    },
    close(at) {
      for (const { sender, receiver, token, amount } of expected) {
        note("event_unpaired", `${sender} ${receiver ?? ""} ${token}`, at, `no transfer of ${amount}`);
      }
      expected = [];
    },
  };
}
