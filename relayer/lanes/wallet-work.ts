import type { Logger } from "pino";

import type { Database } from "../store/database.ts";
import { expireAccepted, refuseAssigned } from "../store/payments.ts";
import {
  assignDeployment,
  attachDeployment,
  markDeployed,
  MAX_DEPLOYMENTS,
  type PaymentToDeploy,
  WALLET_QUEUE,
} from "../store/wallets.ts";
import { WALLET_DEPLOYMENT_GAS, type WalletQuestions } from "../wallet-deployment.ts";
import type { Work } from "./work.ts";

export interface WalletWorkDependencies {
  readonly database: Database;
  readonly questions: WalletQuestions;
  /** Whose wallets are deployed, as the operator chose. */
  readonly factories: readonly string[];
  readonly log: Logger;
  readonly onRefused?: ((code: string) => void) | undefined;
}

/** Deploys the wallets of payers who signed before theirs was there, one payment at a time. */
export function createWalletWork(deps: WalletWorkDependencies): Work {
  const { database, questions, log } = deps;

  async function refuse({ id }: PaymentToDeploy, code: string): Promise<"refused"> {
    await refuseAssigned(database, [{ id, code }]);
    deps.onRefused?.(code);
    log.info({ payment: id, code }, "payment refused before its wallet was deployed");
    return "refused";
  }

  /** Why the wallet is not to be deployed. */
  async function findObstacle(payment: PaymentToDeploy): Promise<string | undefined> {
    const { id, payer, signature, deployment, attempts, lastTransaction } = payment;
    // The list may have changed since the payment was accepted.
    if (!deps.factories.includes(deployment.factory)) return "factory_not_allowed";
    if (lastTransaction === "mined" || attempts >= MAX_DEPLOYMENTS) return "deployment_failed";
    const outcome = await questions.tryWallet({ ...deployment, signer: payer, digest: id, signature });
    switch (outcome) {
      case "valid":
        return undefined;
      case "bad_signature":
        return outcome;
      case "factory_failed":
      case "no_code":
        return "deployment_failed";
    }
  }

  return {
    queue: WALLET_QUEUE,
    isDue: ({ waiting }) => waiting > 0,
    async prepare(lease, readHead) {
      const head = await readHead();
      if (head !== undefined) await expireAccepted(database, head.timestamp);
      const payment = await assignDeployment(database, lease);
      if (payment === undefined) return "idle";
      if (await questions.hasCode(payment.payer)) {
        await markDeployed(database, payment.payer);
        // Nothing is sent for it; from now on it is a payment like others.
        return "refused";
      }
      const obstacle = await findObstacle(payment);
      if (obstacle !== undefined) return refuse(payment, obstacle);
      const { factory, data } = payment.deployment;
      return {
        to: factory,
        data,
        gasLimit: WALLET_DEPLOYMENT_GAS,
        // It settles nothing.
        rows: 0,
        batches: 0,
        attach: (db, hash) => attachDeployment(db, hash, lease.address, payment.id),
      };
    },
  };
}
