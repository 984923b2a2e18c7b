import type { FastifyBaseLogger } from "fastify";

import type { NetworkView } from "../../sdk/client.ts";
import type { EscrowDomain } from "../../sdk/hold-typed-data.ts";
import type { ActIntake } from "../intake/act-intake.ts";
import type { InstructionIntake } from "../intake/instruction-intake.ts";
import type { Intake } from "../intake/intake.ts";
import type { SignatureChecks } from "../intake/signature-checks.ts";
import type { QuoteDesk } from "../makers/quote-desk.ts";
import type { Metrics } from "../metrics.ts";
import type { Database } from "../store/database.ts";
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
  readonly signatures: SignatureChecks;
  readonly instructions: InstructionIntake;
  /** Reads a device from the chain. */
  readonly readDevice: (owner: string, token: string, index: number) => Promise<BoundDevice | undefined>;
  readonly network: NetworkView;
  readonly metrics: Metrics;
  readonly log: FastifyBaseLogger;
  /** Why the relayer cannot do its work now; empty if it can. */
  readonly readiness: () => Promise<readonly string[]>;
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
