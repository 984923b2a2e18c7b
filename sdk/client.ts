import { isDecided, type Payment, type PaymentState } from "./payment.ts";

/** A payment as the relayer shows it; amounts are decimal strings of smallest units. */
export interface PaymentView {
  readonly id: string;
  readonly state: PaymentState;
  /** Why it was rejected: a row code, or null. */
  readonly code: string | null;
  readonly payer: string;
  readonly payee: string;
  readonly token: string;
  readonly amount: string;
  readonly nonce: string;
  readonly deadline: string;
  readonly memo: string;
  /** The transaction that settled it, or the one it travels in. */
  readonly transactionHash: string | null;
  readonly blockNumber: string | null;
  readonly acceptedAt: string;
}

/** What a client needs to know before it signs. */
export interface NetworkView {
  readonly chainId: string;
  readonly ledger: string;
  readonly operators: readonly string[];
  readonly tokens: readonly string[];
  readonly finalityDepth: number;
}

export interface AccountView {
  readonly owner: string;
  readonly token: string;
  readonly balance: string;
  /** What accepted payments that have not settled yet will take. */
  readonly reserved: string;
  readonly nextNonce: string;
  readonly frozenUntil: string;
}

/** An answer of the relayer by RFC 9457, `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly field?: string;
  readonly expected?: string;
}

/** The relayer refused. `problem.code` is stable. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = "ProblemError";
  }
}

/**
 * A client of the relayer's HTTP interface. Works in a browser and in Node.
 *
 * Every call throws `ProblemError` if the relayer refuses, and whatever `fetch` throws if it cannot be reached. To
 * send the same payment again is always safe: its id is the idempotency key.
 */
export class CorridorClient {
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
  }

  network(): Promise<NetworkView> {
    return this.#request("GET", "/v1/network");
  }

  /** Hands over a signed payment; resolves as soon as it is durably accepted. */
  submitPayment(payment: Payment, signature: string): Promise<PaymentView> {
    const { amount, nonce, deadline, ...rest } = payment;
    return this.#request("POST", "/v1/payments", {
      payment: {
        ...rest,
        amount: amount.toString(),
        nonce: nonce.toString(),
        deadline: deadline.toString(),
      },
      signature,
    });
  }

  payment(id: string): Promise<PaymentView> {
    return this.#request("GET", `/v1/payments/${encodeURIComponent(id)}`);
  }

  account(owner: string, token: string): Promise<AccountView> {
    return this.#request("GET", `/v1/accounts/${encodeURIComponent(owner)}/${encodeURIComponent(token)}`);
  }

  /** Polls until the payment is decided. @throws Error after `timeoutMs`; the payment goes on all the same. */
  async decided(id: string, timeoutMs = 60_000): Promise<PaymentView> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const payment = await this.payment(id);
      if (isDecided(payment.state)) return payment;
      if (Date.now() > end) throw new Error(`Payment ${id} is still ${payment.state} after ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new ProblemError(answer as Problem);
    return answer as T;
  }
}
