import { AppError } from "../app-error.ts";
import type { KmsConfig, LaneKey } from "../lane-key.ts";
import { createKmsSigner, type KmsClient } from "./kms-signer.ts";
import type { LaneSigner } from "./lane-signer.ts";
import { createLocalSigner } from "./local-signer.ts";

/**
 * The signers of the lanes, in their order. The client of KMS is loaded only if a key is kept there.
 * @throws AppError `lane_key_repeated`, or as `createKmsSigner`.
 */
export async function openSigners(keys: readonly LaneKey[], kms: KmsConfig): Promise<LaneSigner[]> {
  const clients = new Map<string, KmsClient>();
  const clientOf = async (region: string): Promise<KmsClient> => {
    const { createAwsKms } = await import("./aws-kms.ts");
    const client = clients.get(region) ?? createAwsKms({ region, endpoint: kms.endpoint });
    clients.set(region, client);
    return client;
  };
  const signers: LaneSigner[] = [];
  for (const key of keys) {
    const signer =
      key.kind === "local"
        ? createLocalSigner(key.privateKey)
        : await createKmsSigner({ client: await clientOf(key.region), keyId: key.keyId });
    if (signers.some(({ address }) => address === signer.address)) {
      throw new AppError("lane_key_repeated", `Two of CORRIDOR_LANE_KEYS are of one address, ${signer.address}.`);
    }
    signers.push(signer);
  }
  return signers;
}
