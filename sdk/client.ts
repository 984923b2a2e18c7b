import type { FxHoldTerms, FxPayment, FxTerms, RefundRule } from "./fx.ts";
import type { AuthorizationKind, Deposit } from "./gateway-typed-data.ts";
import type { HoldPayment, HoldStatus, Split } from "./hold.ts";
import type { InstructionKind, LedgerInstructionKind, LedgerMessages } from "./instructions.ts";
import type { MerchantReport, MerchantReportRequest } from "./merchant-report.ts";
import type { NettingView } from "./netting.ts";
import { type Funding, isDecided, type Payment, type PaymentState } from "./payment.ts";
import type { PaymentStatus } from "./payment-status.ts";
import { type RecordCalls, recordCalls } from "./records.ts";
import type { PaymentMessage } from "./statement/payment-message.ts";
import type { Rounding } from "./statement/iso-amount.ts";
import type { Statement, StatementRequest } from "./statement/statement.ts";
import type { Reconciliation, ReconciliationRequest } from "./reconcile/reconciliation.ts";
import type { ProvenReceipt } from "./record/receipt.ts";
import { watchPayment } from "./watch-payment.ts";
import { type WebhookCalls, webhookCalls } from "./webhooks.ts";

/** A payment as the relayer shows it; amounts are decimal strings of smallest units. */
export interface PaymentView {
  readonly id: string;
  readonly state: PaymentState;
  readonly status: PaymentStatus;
  /** Why it was rejected: a row code, or null. */
  readonly code: string | null;
  /** The payer's account, or her tokens by an authorization. */
  readonly funding: Funding;
  readonly payer: string;
  readonly payee: string;
  /** Who is paid in the end: the payee, or the one whom the terms name. */
  readonly merchant: string;
  readonly token: string;
  readonly amount: string;
  readonly nonce: string;
  readonly deadline: string;
  /** Of a payment with terms: their hash. */
  readonly memo: string;
  readonly terms: TermsView | null;
  /** What became of the hold; null before it is opened, and of a payment without terms. */
  readonly hold: HoldView | null;
  /** What became of it at its quote; null of a payment that is not exchanged. */
  readonly exchange: ExchangeView | null;
  readonly requestId: string | null;
  /** The transaction that settled it, or the one it travels in. */
  readonly transactionHash: string | null;
  readonly blockNumber: string | null;
  /** Unix seconds, of the block that settled it. */
  readonly settledAt: string | null;
  readonly acceptedAt: string;
}

/** A payment in one currency that settles in another. Amounts in smallest units of pay or settlement token. */
export interface ExchangeView {
  /** The quote's id, and who signed it. */
  readonly quote: string;
  readonly maker: string;
  /** `payAmount` of the pay token for `settleAmount` of the settlement token. */
  readonly rate: { readonly payAmount: string; readonly settleAmount: string };
  readonly payee: string;
  readonly settleToken: string;
  readonly settleAmount: string;
  /** What it costs at that rate. */
  readonly cost: string;
  /** What was paid, and the operator's fee in the settlement token; null before it settles. Into a hold there is no fee. */
  readonly paid: string | null;
  readonly fee: string | null;
  readonly memo: string;
  readonly refundRule: RefundRule | null;
  readonly refundDeadline: string;
  /** Refunded by the rule: of what was captured, and what the payer got for it in the pay token. */
  readonly refunded: string;
  readonly returned: string;
}

/** A maker's signed quote; whole numbers as decimal strings. */
export interface QuoteView {
  readonly id: string;
  readonly quote: {
    readonly maker: string;
    readonly payToken: string;
    readonly settleToken: string;
    readonly payAmount: string;
    readonly settleAmount: string;
    readonly generation: string;
    readonly deadline: string;
    readonly salt: string;
  };
  readonly signature: string;
  /** How much of its settlement amount was given, and whether the maker voided it; by the followed head. */
  readonly filled: string;
  readonly cancelled: boolean;
}

/** The cheapest quote for a payment in one pay token. */
export interface QuotedView extends QuoteView {
  readonly payToken: string;
  /** What the payment costs: the least that its payer has to sign. */
  readonly payAmount: string;
  readonly settleToken: string;
  readonly settleAmount: string;
  /** Unix seconds: the last at which the payment can settle at it. */
  readonly expiresAt: string;
  readonly ttlSeconds: number;
}

/** What to quote: an amount in a settlement token, or what a payment request asks for; in one pay token, or in each. */
export type QuoteRequest = { readonly payToken?: string } & (
  { readonly settleToken: string; readonly settleAmount: bigint } | { readonly request: string }
);

/** `HoldTerms` with whole numbers as decimal strings. */
export interface TermsView {
  readonly payee: string;
  readonly splits: readonly Split[];
  readonly captureDeadline: string;
  readonly refundDeadline: string;
  readonly arbiter: string;
  readonly rulingPeriod: string;
  readonly defaultPayerBps: number;
  readonly memo: string;
}

export interface HoldView {
  /** What consents to acts are signed over: the payment's id, or of an exchanged payment another. */
  readonly id: string;
  /** What is held. */
  readonly token: string;
  readonly amount: string;
  readonly status: HoldStatus;
  readonly captured: string;
  readonly refunded: string;
  /** What the Escrow still holds. */
  readonly held: string;
  readonly disputedAt: string;
}

/** Something that is to be done with a hold, or was. */
export interface ActView {
  readonly id: string;
  readonly paymentId: string;
  readonly verb:
    "capture" | "void" | "refund" | "reclaim" | "dispute" | "evidence" | "rule" | "resolve" | "settle" | "fx_refund";
  readonly state: "accepted" | "assigned" | "submitted" | "settled" | "final" | "rejected";
  readonly code: string | null;
  readonly transactionHash: string | null;
  readonly blockNumber: string | null;
  readonly acceptedAt: string;
}

export interface PaymentRequestView {
  readonly id: string;
  readonly status: PaymentStatus;
  readonly capture: "automatic" | "manual";
  readonly merchant: string;
  /** The payee that the payment must name: the merchant, or the Escrow. */
  readonly payee: string;
  readonly token: string;
  readonly amount: string;
  readonly memo: string;
  readonly terms: TermsView | null;
  readonly expiresAt: string;
  /** What is paid for, as the payer reads it; null: nothing is said. */
  readonly title: string | null;
  /** Where its payers are, by ISO 3166-1 alpha-2; null: not said. */
  readonly payerCountry: string | null;
  /** Whether any number of payments may pay it. `status` and `paymentId` are then those of the newest. */
  readonly reusable: boolean;
  /** How many payments for it were accepted and not refused. */
  readonly payments: number;
  /** Who asks, as far as she says. */
  readonly profile: MerchantProfile;
  readonly paymentId: string | null;
  readonly createdAt: string;
}

/** How a merchant shows herself to payers. Nobody has checked it: what binds is her address. */
export interface MerchantProfile {
  readonly merchant: string;
  readonly name: string | null;
  /** By ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

/** What a merchant asks for; `hold` goes with `capture: "manual"`. */
export interface NewPaymentRequest {
  /** By a merchant's key it is she; the operator says who. */
  readonly merchant?: string;
  readonly token: string;
  readonly amount: string;
  readonly memo: string;
  readonly expiresAt: string;
  readonly capture: "automatic" | "manual";
  readonly hold?: Omit<TermsView, "payee" | "memo">;
  readonly title?: string;
  readonly payerCountry?: string;
  /** By default one payment pays it. */
  readonly reusable?: boolean;
}

/** Whoever signed in, until when. Times by RFC 3339. */
export interface SessionView {
  readonly address: string;
  readonly expiresAt: string;
}

/** What is to be signed to sign in (EIP-4361), by `personal_sign`. */
export interface SessionChallenge {
  readonly message: string;
  readonly expiresAt: string;
}

export interface PaymentList {
  readonly payments: readonly PaymentView[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

export interface PaymentRequestList {
  readonly paymentRequests: readonly PaymentRequestView[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

export interface ActList {
  readonly acts: readonly ActView[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

/** A key to the HTTP interface, without its secret; times by RFC 3339. */
export interface ApiKeyView {
  readonly id: string;
  readonly name: string;
  /** Whose it is; null: the operator's. */
  readonly merchant: string | null;
  readonly scopes: readonly string[];
  /** How its text begins. */
  readonly prefix: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly lastUsedAt: string | null;
  /** Until when the secret before the last rotation is good; null: there was none. */
  readonly previousUntil: string | null;
}

/** A key with its secret, which is shown this once. */
export interface IssuedApiKey extends ApiKeyView {
  readonly key: string;
}

export interface ApiKeyList {
  readonly keys: readonly ApiKeyView[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

export interface NewApiKey {
  readonly name: string;
  /** The operator says whose the key is, null for one of her own; a merchant makes her own only. */
  readonly merchant?: string | null;
  readonly scopes: readonly string[];
  readonly expiresAt?: string;
}

/** An actor's signature over an act, with its deadline. */
export interface ConsentBody {
  readonly deadline: string;
  readonly signature: string;
}

/** The body of each act; amounts are decimal strings of smallest units. */
export interface ActBodies {
  readonly capture: { readonly amount: string; readonly captured: string; readonly consent: ConsentBody };
  readonly void: { readonly consent: ConsentBody };
  readonly refund: { readonly amount: string; readonly refunded: string; readonly consent: ConsentBody };
  readonly dispute: { readonly actor: string; readonly evidence: string; readonly consent: ConsentBody };
  readonly evidence: { readonly actor: string; readonly evidence: string; readonly consent: ConsentBody };
  readonly rule: { readonly payerBps: number; readonly consent: ConsentBody };
  readonly settle: {
    readonly toPayer: string;
    readonly payerConsent: ConsentBody;
    readonly payeeConsent: ConsentBody;
  };
  /** In the pay currency, at the quote of this id. */
  readonly "fx-refund": {
    readonly amount: string;
    readonly refunded: string;
    readonly quote: string;
    readonly maxCost: string;
    readonly consent: ConsentBody;
  };
}

/** What a client needs to know before it signs. */
export interface NetworkView {
  readonly chainId: string;
  readonly ledger: string;
  /** Where holds are opened; null if they are not served. */
  readonly escrow: string | null;
  /** What pulls payments from tokens, and Permit2 as it is known there; null if that is not served. */
  readonly gateway: string | null;
  readonly permit2: string | null;
  /** Where currencies are exchanged; null if that is not served. */
  readonly exchange: string | null;
  /** Who says whose a signature is that is not plain ECDSA. */
  readonly signatureVerifier: string | null;
  readonly operators: readonly string[];
  readonly tokens: readonly string[];
  /** The tokens with what people call them, in the same order. */
  readonly currencies: readonly CurrencyView[];
  /** A node that browsers may ask; null: none is told. */
  readonly rpcUrl: string | null;
  /** No event of the contracts is older than this block. */
  readonly startBlock: string;
  /** Of a local chain where everybody has test money; null elsewhere. */
  readonly demo: DemoView | null;
  readonly finalityDepth: number;
  /** Whose statements stand in the receipts that this relayer issues; null: nobody's. */
  readonly receiptSigner: string | null;
  /** What a withdrawal costs, by token; in smallest units. */
  readonly withdrawalFees: Readonly<Record<string, string>>;
  /** Whose wallets are deployed for payers who sign by ERC-6492. */
  readonly walletFactories: readonly string[];
}

/** A token as its contract describes itself. */
export interface CurrencyView {
  readonly token: string;
  /** Its symbol. */
  readonly code: string;
  readonly name: string;
  readonly decimals: number;
  /** Its EIP-712 domain, for ERC-3009 and ERC-2612; null of a token without one. */
  readonly signing: { readonly name: string; readonly version: string } | null;
}

/** What the node at `rpcUrl` signs and sends for anybody, as its keys are known to all. */
export interface DemoView {
  /** Gives test money away. */
  readonly bank: string;
  readonly merchants: readonly { readonly name: string; readonly merchant: string; readonly token: string }[];
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

/** Something that an owner signed about her account, on its way or done. */
export interface InstructionView {
  readonly id: string;
  readonly kind: InstructionKind;
  /** Whose account it is about; of a deposit, whose is credited. */
  readonly owner: string;
  readonly token: string;
  readonly state: PaymentState;
  /** Why it was rejected, or null. */
  readonly code: string | null;
  /** What was signed; whole numbers as decimal strings. */
  readonly message: Readonly<Record<string, unknown>>;
  /** What the relayer keeps of a withdrawal; null of the others. */
  readonly fee: string | null;
  readonly transactionHash: string | null;
  readonly blockNumber: string | null;
  readonly acceptedAt: string;
}

export interface InstructionList {
  readonly instructions: readonly InstructionView[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

/** A key that may pay from an account, within limits. */
export interface DeviceView {
  readonly owner: string;
  readonly token: string;
  readonly index: number;
  readonly key: string;
  readonly expiry: string;
  readonly perPayment: string;
  readonly perDay: string;
  readonly spentToday: string;
  readonly anyPayee: boolean;
  /** The next number of the device's own sequence. */
  readonly nextNonce: string;
}

/** Where each kind of instruction is handed in. */
const INSTRUCTION_PATHS: Readonly<Record<LedgerInstructionKind, string>> = {
  withdrawal: "/v1/withdrawals",
  cancellation: "/v1/cancellations",
  agreement: "/v1/agreements",
  approval: "/v1/approvals",
  "device-binding": "/v1/devices",
  "device-revocation": "/v1/device-revocations",
};

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
  readonly #headers: Readonly<Record<string, string>>;
  /** Endpoints that are told of events, and the events. */
  readonly webhooks: WebhookCalls;
  /** What payments are for, kept encrypted. */
  readonly records: RecordCalls;

  /** @param options.apiKey For what is not for everybody: sent as a bearer token. */
  constructor(baseUrl: string, { apiKey }: { readonly apiKey?: string } = {}) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
    this.webhooks = webhookCalls((method, path, body) => this.#request(method, path, body));
    this.records = recordCalls((method, path, body) => this.#request(method, path, body));
  }

  network(): Promise<NetworkView> {
    return this.#request("GET", "/v1/network");
  }

  /**
   * Hands over a signed payment; resolves as soon as it is durably accepted. @param request The payment request it pays.
   * @param funding Where the money comes from: the signature is over the payment, or over a token's authorization.
   */
  submitPayment(
    payment: Payment | HoldPayment | FxPayment<FxTerms | FxHoldTerms>,
    signature: string,
    request?: string,
    funding: Funding = "account",
  ): Promise<PaymentView> {
    return this.#request("POST", "/v1/payments", {
      payment: withDecimalStrings(payment),
      signature,
      ...(funding === "account" ? {} : { funding }),
      ...(request === undefined ? {} : { request }),
    });
  }

  /** @param idempotencyKey The same for each try of the same request. */
  createPaymentRequest(request: NewPaymentRequest, idempotencyKey: string): Promise<PaymentRequestView> {
    return this.#request("POST", "/v1/payment-requests", request, { "idempotency-key": idempotencyKey });
  }

  paymentRequest(id: string): Promise<PaymentRequestView> {
    return this.#request("GET", `/v1/payment-requests/${encodeURIComponent(id)}`);
  }

  /** The newest payment requests first. `filter`: merchant, cursor, limit. */
  paymentRequests(filter: Readonly<Record<string, string>> = {}): Promise<PaymentRequestList> {
    return this.#request("GET", `/v1/payment-requests?${new URLSearchParams(filter).toString()}`);
  }

  /**
   * The newest payments first. `filter`: merchant, payer, state, hold (a status), token (that the merchant gets), request (a payment
   * request's id), memo, from and to (accepted then, Unix seconds; `to` is exclusive), cursor, limit.
   */
  payments(filter: Readonly<Record<string, string>> = {}): Promise<PaymentList> {
    return this.#request("GET", `/v1/payments?${new URLSearchParams(filter).toString()}`);
  }

  /** Asks for an act on a payment's hold. @param idempotencyKey The same for each try of the same act. */
  act<V extends keyof ActBodies>(
    paymentId: string,
    verb: V,
    body: ActBodies[V],
    idempotencyKey: string,
  ): Promise<ActView> {
    return this.#request("POST", `/v1/payments/${encodeURIComponent(paymentId)}/${verb}`, body, {
      "idempotency-key": idempotencyKey,
    });
  }

  /** All acts on a payment's hold, the oldest first. */
  async acts(paymentId: string): Promise<readonly ActView[]> {
    const path = `/v1/payments/${encodeURIComponent(paymentId)}/acts?limit=200`;
    const acts: ActView[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: ActList = await this.#request("GET", cursor === "" ? path : `${path}&cursor=${cursor}`);
      acts.push(...page.acts);
      cursor = page.next;
    }
    return acts;
  }

  /** Polls until the act is settled, final or rejected. @throws Error after `timeoutMs`; the act goes on all the same. */
  async actDecided(id: string, timeoutMs = 60_000): Promise<ActView> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const act = await this.#request<ActView>("GET", `/v1/acts/${encodeURIComponent(id)}`);
      if (act.state === "settled" || act.state === "final" || act.state === "rejected") return act;
      if (Date.now() > end) throw new Error(`Act ${id} is still ${act.state} after ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Hands in a document for the parties of a hold. @returns its keccak256, which goes on chain as evidence. */
  async uploadDocument(paymentId: string, content: Blob): Promise<string> {
    const response = await fetch(`${this.#baseUrl}/v1/payments/${encodeURIComponent(paymentId)}/documents`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": content.type === "" ? "application/octet-stream" : content.type },
      body: content,
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new ProblemError(answer as Problem);
    return (answer as { hash: string }).hash;
  }

  /** Reads a document; `access` is signed over `DOCUMENT_ACCESS_TYPES` by payer, payee or arbiter. */
  async readDocument(
    paymentId: string,
    hash: string,
    access: { readonly reader: string; readonly deadline: string; readonly signature: string },
  ): Promise<Blob> {
    const path = `/v1/payments/${encodeURIComponent(paymentId)}/documents/${encodeURIComponent(hash)}/read`;
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify(access),
    });
    if (!response.ok) throw new ProblemError((await response.json()) as Problem);
    return response.blob();
  }

  payment(id: string): Promise<PaymentView> {
    return this.#request("GET", `/v1/payments/${encodeURIComponent(id)}`);
  }

  /**
   * The receipt of a settled payment, which holds without a node and without this relayer: see `verifyReceipt`.
   * @throws ProblemError `not_settled`, `not_deep_enough`, `receipt_unprovable`
   */
  receipt(id: string): Promise<ProvenReceipt> {
    return this.#request("GET", `/v1/payments/${encodeURIComponent(id)}/receipt`);
  }

  /** The payment's present state and each change, until it is final, rejected or expired, over as many connections as it takes. */
  watchPayment(id: string, signal?: AbortSignal): AsyncGenerator<PaymentView, void, undefined> {
    return watchPayment(this.#baseUrl, id, { headers: this.#headers, ...(signal === undefined ? {} : { signal }) });
  }

  account(owner: string, token: string): Promise<AccountView> {
    return this.#request("GET", `/v1/accounts/${encodeURIComponent(owner)}/${encodeURIComponent(token)}`);
  }

  /**
   * Hands over a signed instruction to the Ledger; resolves as soon as it is durably accepted. To send the same one again is
   * safe: its id is the idempotency key.
   */
  submitInstruction<K extends LedgerInstructionKind>(
    kind: K,
    message: LedgerMessages[K],
    signature: string,
  ): Promise<InstructionView> {
    return this.#request("POST", INSTRUCTION_PATHS[kind], { ...withDecimalStrings(message), signature });
  }

  /** Hands over a deposit; `signature` is over the token's authorization. As {@link submitInstruction}. */
  submitDeposit(kind: AuthorizationKind, deposit: Deposit, signature: string): Promise<InstructionView> {
    return this.#request("POST", "/v1/deposits", { kind, ...withDecimalStrings(deposit), signature });
  }

  instruction(id: string): Promise<InstructionView> {
    return this.#request("GET", `/v1/instructions/${encodeURIComponent(id)}`);
  }

  /** The newest instructions first. `filter`: owner, kind, state, cursor, limit. */
  instructions(filter: Readonly<Record<string, string>> = {}): Promise<InstructionList> {
    return this.#request("GET", `/v1/instructions?${new URLSearchParams(filter).toString()}`);
  }

  /** Polls until the instruction is decided. @throws Error after `timeoutMs`; the instruction goes on all the same. */
  async instructionDecided(id: string, timeoutMs = 60_000): Promise<InstructionView> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const instruction = await this.instruction(id);
      if (isDecided(instruction.state)) return instruction;
      if (Date.now() > end) throw new Error(`Instruction ${id} is still ${instruction.state} after ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** The key at `index` as the Ledger has it now. @throws ProblemError `not_found` if there is none. */
  device(owner: string, token: string, index: number): Promise<DeviceView> {
    const path = [owner, token, "devices", String(index)].map(encodeURIComponent).join("/");
    return this.#request("GET", `/v1/accounts/${path}`);
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

  /**
   * The cheapest signed quote for each pay token that a maker quotes. @throws ProblemError `no_quote` if there is none now.
   */
  async quotes(request: QuoteRequest): Promise<readonly QuotedView[]> {
    const path = "/v1/quotes";
    return (await this.#request<{ quotes: readonly QuotedView[] }>("POST", path, withDecimalStrings(request))).quotes;
  }

  quote(id: string): Promise<QuoteView> {
    return this.#request("GET", `/v1/quotes/${encodeURIComponent(id)}`);
  }

  /** What to sign in order to sign in as `address`. */
  sessionChallenge(address: string): Promise<SessionChallenge> {
    return this.#request("POST", "/v1/sessions/challenge", { address });
  }

  /** Signs in with a signed challenge, in a browser: the session is a cookie that no script can read. */
  signIn(message: string, signature: string): Promise<SessionView> {
    return this.#request("POST", "/v1/sessions", { message, signature });
  }

  /** Who is signed in. @throws ProblemError `unauthorized` if nobody is. */
  session(): Promise<SessionView> {
    return this.#request("GET", "/v1/sessions/current");
  }

  signOut(): Promise<void> {
    return this.#request("DELETE", "/v1/sessions/current");
  }

  merchantProfile(merchant: string): Promise<MerchantProfile> {
    return this.#request("GET", `/v1/merchants/${encodeURIComponent(merchant)}`);
  }

  /** Says how a merchant shows herself; by her key or session. */
  setMerchantProfile({ merchant, name, country }: MerchantProfile): Promise<MerchantProfile> {
    return this.#request("PUT", `/v1/merchants/${encodeURIComponent(merchant)}`, { name, country });
  }

  /** What a merchant's payments come to. */
  merchantReport(request: MerchantReportRequest): Promise<MerchantReport> {
    return this.#request("GET", `/v1/reports/merchant?${queryOf(request)}`);
  }

  /** A page of an account's statement. @param page `cursor`, and at most 1,000 entries. @throws ProblemError */
  statement(
    request: StatementRequest,
    page: { readonly cursor?: string; readonly limit?: number } = {},
  ): Promise<Statement> {
    return this.#request("GET", `/v1/reports/statement?${queryOf({ ...request, ...page })}`);
  }

  /**
   * A whole statement as a file. A chain that reorganises meanwhile breaks it off, which is an error here as well.
   * @param rounding Of camt.053. @param language Of a PDF: `en`, `zh-CN` or `zh-TW`. @throws ProblemError
   */
  async statementFile(
    request: StatementRequest & {
      readonly format: "csv" | "pdf" | "camt.053";
      readonly rounding?: Rounding;
      readonly language?: string;
    },
  ): Promise<Blob> {
    return this.#file(`/v1/reports/statement?${queryOf(request)}`);
  }

  /** A payment as a message of ISO 20022. @throws ProblemError `not_final` before there is something to tell */
  async paymentMessage(id: string, message: PaymentMessage, rounding: Rounding = "none"): Promise<string> {
    const path = `/v1/payments/${encodeURIComponent(id)}/messages/${message}`;
    return (await this.#file(`${path}?${queryOf({ rounding })}`)).text();
  }

  /**
   * Holds orders against what was settled. @param file Comma-separated, with a header row that names order, amount, currency and
   * one of payment, request and memo. @throws ProblemError `invalid_orders` with the rows that cannot be read
   */
  async reconcile(file: string | Blob, request: ReconciliationRequest): Promise<Reconciliation> {
    return (await (await this.#postOrders(file, { ...request, format: "json" })).json()) as Reconciliation;
  }

  /** The same as a table for spreadsheets. */
  async reconciliationFile(file: string | Blob, request: ReconciliationRequest): Promise<Blob> {
    return (await this.#postOrders(file, { ...request, format: "csv" })).blob();
  }

  /** What a day's payments come to. @param date UTC, YYYY-MM-DD. */
  netting(date: string): Promise<NettingView> {
    return this.#request("GET", `/v1/reports/netting?date=${encodeURIComponent(date)}`);
  }

  /** Makes a key. Its secret is in the answer and cannot be had again. */
  createKey(key: NewApiKey): Promise<IssuedApiKey> {
    return this.#request("POST", "/v1/keys", key);
  }

  /** The newest keys first. `filter`: merchant, cursor, limit. */
  keys(filter: Readonly<Record<string, string>> = {}): Promise<ApiKeyList> {
    return this.#request("GET", `/v1/keys?${new URLSearchParams(filter).toString()}`);
  }

  /** Gives a key another secret. @param graceSeconds How long the present one stays good; by default a day. */
  rotateKey(id: string, graceSeconds?: number): Promise<IssuedApiKey> {
    const body = graceSeconds === undefined ? {} : { graceSeconds };
    return this.#request("POST", `/v1/keys/${encodeURIComponent(id)}/rotate`, body);
  }

  /** Ends a key, within 5 seconds wherever it is used. */
  revokeKey(id: string): Promise<ApiKeyView> {
    return this.#request("DELETE", `/v1/keys/${encodeURIComponent(id)}`);
  }

  async #postOrders(
    file: string | Blob,
    request: ReconciliationRequest & { readonly format: string },
  ): Promise<Response> {
    const response = await fetch(`${this.#baseUrl}/v1/reports/reconciliation?${queryOf(request)}`, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "text/csv" },
      body: file,
    });
    if (!response.ok) throw new ProblemError((await response.json()) as Problem);
    return response;
  }

  async #file(path: string): Promise<Blob> {
    const response = await fetch(`${this.#baseUrl}${path}`, { headers: this.#headers });
    if (!response.ok) throw new ProblemError((await response.json()) as Problem);
    return response.blob();
  }

  async #request<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = response.status === 204 ? undefined : await response.json();
    if (!response.ok) throw new ProblemError(answer as Problem);
    return answer as T;
  }
}

function queryOf(parameters: object): string {
  return new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)])).toString();
}

/** JSON has no whole numbers of this size: they go as decimal strings. */
function withDecimalStrings(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, unknown]) => {
      if (typeof member === "bigint") return [key, member.toString()];
      if (typeof member === "object" && member !== null && !Array.isArray(member))
        return [key, withDecimalStrings(member)];
      return [key, member];
    }),
  );
}
