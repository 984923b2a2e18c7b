import type { FastifyBaseLogger } from "fastify";

import type { NetworkView } from "../../sdk/client.ts";
import type { EscrowDomain } from "../../sdk/hold-typed-data.ts";
import type { ActIntake } from "../intake/act-intake.ts";
import type { Intake } from "../intake/intake.ts";
import type { Metrics } from "../metrics.ts";
import type { Database } from "../store/database.ts";

export interface ApiDependencies {
  readonly database: Database;
  readonly intake: Intake;
  /** `undefined` where there is no Escrow. */
  readonly acts: ActIntake | undefined;
  readonly escrow: EscrowDomain | undefined;
  readonly network: NetworkView;
  readonly metrics: Metrics;
  readonly log: FastifyBaseLogger;
  /** Why the relayer cannot do its work now; empty if it can. */
  readonly readiness: () => Promise<readonly string[]>;
}
