import type { FastifyBaseLogger } from "fastify";

import type { NetworkView } from "../../sdk/client.ts";
import type { EscrowDomain } from "../../sdk/hold-typed-data.ts";
import type { ActIntake } from "../intake/act-intake.ts";
import type { InstructionIntake } from "../intake/instruction-intake.ts";
import type { Intake } from "../intake/intake.ts";
import type { SignatureChecks } from "../intake/signature-checks.ts";
import type { QuoteDesk } from "../makers/quote-desk.ts";
import type { Metrics } from "../metrics.ts";
import type { ReceiptDesk } from "../receipts/receipt-desk.ts";
import type { Readiness } from "../readiness.ts";
import type { Database } from "../store/database.ts";
import type { Vault } from "../vault/vault.ts";
import type { Access } from "./access.ts";
import type { ConsoleSettings } from "./console.ts";
import type { KeyRing } from "./key-ring.ts";
import type { RateLimits } from "./rate-limits.ts";
import type { Facilitator } from "../x402/facilitator.ts";

export interface ApiDependencies {
  readonly database: Database;
  readonly intake: Intake;
  /** `undefined` where there is no Escrow. */
  readonly acts: ActIntake | undefined;
  readonly escrow: EscrowDomain | undefined;
  /** `undefined` where nothing is exchanged. */
  readonly quotes: QuoteDesk | undefined;
  /** `undefined` where the relayer is no x402 facilitator. */
  readonly facilitator: Facilitator | undefined;
  readonly receipts: ReceiptDesk;
  readonly signatures: SignatureChecks;
  readonly instructions: InstructionIntake;
  /** Reads a device from the chain. */
  readonly readDevice: (owner: string, token: string, index: number) => Promise<BoundDevice | undefined>;
  readonly webhooks: WebhookSettings;
  /** Where records and documents are kept; absent: no records are, and documents in the clear. */
  readonly vault: Vault | undefined;
  /** Payments' streams of events that may be open at a time. */
  readonly maxStreams: number;
  /** Who may do what. */
  readonly access: Access;
  readonly keyRing: KeyRing;
  /** `undefined`: nobody is held back. */
  readonly rateLimits: RateLimits | undefined;
  /** Whose word on a client's address is taken, addresses and subnets; false: nobody's. */
  readonly trustProxy: readonly string[] | false;
  /** Whether so much waits that what comes is to come again later. */
  readonly isOverloaded: () => boolean;
  /** Whether metrics are read without a key. */
  readonly metricsOpen: boolean;
  /** `undefined`: no pages are served. */
  readonly console: ConsoleSettings | undefined;
  readonly network: NetworkView;
  /** What tokens stand for by their operator's word, by ISO 4217. */
  readonly isoCurrencies: ReadonlyMap<string, string>;
  readonly metrics: Metrics;
  readonly log: FastifyBaseLogger;
  /** Why the relayer cannot do its work now, if it cannot. Never rejects. */
  readonly readiness: () => Promise<Readiness>;
  /** Whether this instance is being stopped, and takes nothing new. */
  readonly isDraining: () => boolean;
}

export interface WebhookSettings {
  /** Under which endpoints' secrets are kept; absent: none can be made. */
  readonly key: Buffer | undefined;
  /** Whether endpoints may be on private addresses, and without encryption. */
  readonly allowPrivate: boolean;
}

/** A key that may pay from an account, and what it used up. */
export interface BoundDevice {
  readonly key: string;
  readonly expiry: bigint;
  readonly perPayment: bigint;
  readonly perDay: bigint;
  readonly spentToday: bigint;
  readonly anyPayee: boolean;
  readonly nextNonce: bigint;
}
