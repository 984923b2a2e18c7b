import { payments } from "./0001-payments.ts";
import { holds } from "./0002-holds.ts";
import { signatures } from "./0003-signatures.ts";
import { instructions } from "./0004-instructions.ts";
import { wallets } from "./0005-wallets.ts";
import { exchange } from "./0006-exchange.ts";
import { apiKeys } from "./0007-api-keys.ts";
import { webhooks } from "./0008-webhooks.ts";
import { x402 } from "./0009-x402.ts";
import { bids } from "./0010-bids.ts";
import { livePayments } from "./0012-live-payments.ts";
import { sessions } from "./0013-sessions.ts";
import { merchants } from "./0014-merchants.ts";
import { records } from "./0015-records.ts";
import { movements } from "./0016-movements.ts";

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** In order, forward only. What has landed is never edited: a change is a new migration. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-payments", sql: payments },
  { name: "0002-holds", sql: holds },
  { name: "0003-signatures", sql: signatures },
  { name: "0004-instructions", sql: instructions },
  { name: "0005-wallets", sql: wallets },
  { name: "0006-exchange", sql: exchange },
  { name: "0007-api-keys", sql: apiKeys },
  { name: "0008-webhooks", sql: webhooks },
  { name: "0009-x402", sql: x402 },
  { name: "0010-bids", sql: bids },
  { name: "0012-live-payments", sql: livePayments },
  { name: "0013-sessions", sql: sessions },
  { name: "0014-merchants", sql: merchants },
  { name: "0015-records", sql: records },
  { name: "0016-movements", sql: movements },
];
