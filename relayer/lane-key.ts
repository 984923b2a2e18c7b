import { isHexString } from "ethers";

/** One entry of CORRIDOR_LANE_KEYS. */
export type LaneKey =
  | { readonly kind: "local"; readonly privateKey: string }
  | { readonly kind: "kms"; readonly keyId: string; readonly region: string };

export interface KmsConfig {
  /** Absent: each key's ARN says it. */
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

const NAME = "[A-Za-z0-9/_-]+";
const ARN = new RegExp(`^arn:aws[a-z-]*:kms:([a-z0-9-]+):\\d{12}:(key|alias)/${NAME}$`);
const ID = /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const ALIAS = new RegExp(`^alias/${NAME}$`);

/** Whether it is a private key, or `kms:` and a key's id, alias or ARN. */
export function isLaneKey(text: string): boolean {
  if (!text.startsWith("kms:")) return isHexString(text, 32);
  const keyId = text.slice("kms:".length);
  return ARN.test(keyId) || ID.test(keyId) || ALIAS.test(keyId);
}

/** Reads what {@link isLaneKey}. @returns undefined if nothing says in which region the key is kept. */
export function readLaneKey(text: string, region: string | undefined): LaneKey | undefined {
  if (!text.startsWith("kms:")) return { kind: "local", privateKey: text };
  const keyId = text.slice("kms:".length);
  const place = region ?? ARN.exec(keyId)?.[1];
  return place === undefined ? undefined : { kind: "kms", keyId, region: place };
}
