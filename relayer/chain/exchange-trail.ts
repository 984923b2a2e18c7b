import type { MovementExchange } from "../movement.ts";
import type { Event } from "./chain-log.ts";
import type { OpenedHold } from "./escrow-trail.ts";
import { type Draft, fieldsOf, type LedgerTransfer, type Split, sumOf } from "./movement-draft.ts";

interface Exchanged {
  readonly id: string;
  readonly payee: string;
  readonly paid: bigint;
  readonly settled: bigint;
  readonly fee: bigint;
  readonly memo: string;
}

/** One that is filled in when the quote is told, which is after the transfers that it is of. */
type LateExchange = { -readonly [K in keyof MovementExchange]: MovementExchange[K] };

interface FxRefund {
  readonly id: string;
  readonly exchange: LateExchange;
}

/** What the Exchange's events of one transaction say of the Ledger's payments and transfers around them. */
export class ExchangeTrail {
  readonly #payments = new Map<string, Draft>();
  /** Payments that were exchanged and not credited to their payees yet. */
  #waiting: Exchanged[] = [];
  /** Of the quote that is being filled. */
  #fees = 0n;
  #late: LateExchange[] = [];
  #refund: FxRefund | undefined;
  #refundMoves = 0;

  sawPayment(payment: Draft): void {
    if (payment.reference !== null) this.#payments.set(payment.reference, payment);
  }

  saw(event: Event, opened: (hold: string) => OpenedHold | undefined): void {
    const { text, whole } = fieldsOf(event);
    const id = text("id");
    switch (event.name) {
      case "Exchanged": {
        const [payee, memo, paid, settled, fee] = [
          text("payee"),
          text("memo"),
          whole("paid"),
          whole("settled"),
          whole("fee"),
        ];
        this.#waiting.push({ id, payee, paid, settled, fee, memo });
        this.#fees += fee;
        this.#explain(id, payee, memo, paid, settled);
        break;
      }
      case "Held": {
        const hold = opened(text("hold"));
        this.#explain(id, hold?.payee ?? null, hold?.memo ?? null, whole("paid"), whole("settled"));
        break;
      }
      case "Refunded": {
        this.#refund = { id, exchange: this.#exchangeOf(whole("cost"), whole("returned")) };
        break;
      }
      case "QuoteFilled":
        this.#name(event);
        break;
      default:
    }
  }

  /** For which payments a transfer by the Exchange is; undefined: what it is for is not known. */
  split(transfer: LedgerTransfer, exchange: string): readonly Split[] {
    const { sender, receiver, amount } = transfer;
    const whole = { amount, kind: "exchange" as const };
    if (sender === exchange || receiver === exchange) return [whole];
    if (this.#refund !== undefined) return [this.#payRefund(this.#refund, transfer)];
    const own = this.#waiting.filter(({ payee }) => payee === receiver);
    if (own.length > 0 && sumOf(own.map(({ settled, fee }) => settled - fee)) === amount) {
      this.#waiting = [];
      return own.map((payment) => this.#credit(payment));
    }
    if (amount !== this.#fees) return [whole];
    this.#fees = 0n;
    return [{ amount, kind: "fee" }];
  }

  #credit({ id, settled, fee, memo, paid }: Exchanged): Split {
    const payer = this.#payments.get(id)?.debited ?? null;
    const exchange = this.#exchangeOf(paid, settled);
    return { amount: settled - fee, kind: "exchange", fee, reference: id, memo, party: payer, exchange };
  }

  /** First what the payee pays the maker, then what the payer gets of the maker. */
  #payRefund({ id, exchange }: FxRefund, { amount }: LedgerTransfer): Split {
    this.#refundMoves += 1;
    if (this.#refundMoves === 2) [this.#refund, this.#refundMoves] = [undefined, 0];
    return { amount, kind: "exchange_refunded", reference: id, exchange };
  }

  #explain(id: string, payee: string | null, memo: string | null, paid: bigint, settled: bigint): void {
    const payment = this.#payments.get(id);
    if (payment === undefined) return;
    [payment.kind, payment.party, payment.memo] = ["exchange", payee, memo ?? payment.memo];
    payment.exchange = this.#exchangeOf(paid, settled);
  }

  #exchangeOf(paid: bigint, settled: bigint): LateExchange {
    const exchange = { quote: "", payToken: "", paid, settleToken: "", settled };
    this.#late.push(exchange);
    return exchange;
  }

  #name(event: Event): void {
    const { text } = fieldsOf(event);
    const { payToken, settleToken } = (event.args as unknown as { quote: { payToken: string; settleToken: string } })
      .quote;
    for (const exchange of this.#late) Object.assign(exchange, { quote: text("id"), payToken, settleToken });
    this.#late = [];
    this.#waiting = [];
    this.#fees = 0n;
  }
}
