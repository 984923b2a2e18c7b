import { p256Address } from "../../sdk/p256.ts";
import type { KnownPasskey } from "./passkey-wallet.ts";

/** The account that a passkey signs for. */
export function passkeyAddress({ x, y }: KnownPasskey): string {
  return p256Address({ x, y });
}
