import { GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";

import type { KmsClient } from "./kms-signer.ts";

/** Where the keys are; credentials are found as AWS's own tools find them. */
export interface AwsKmsOptions {
  readonly region: string;
  /** For a VPC endpoint or another service that speaks the same. */
  readonly endpoint: string | undefined;
}

/** For one signature with all that is tried again: a transaction's row stays locked meanwhile, and a lease runs out. */
const LIMIT_MS = 4_000;
const ATTEMPTS = 3;

/** AWS KMS by its own client, which tries throttled and failed requests again by itself. */
export function createAwsKms({ region, endpoint }: AwsKmsOptions): KmsClient {
  const client = new KMSClient({
    region,
    maxAttempts: ATTEMPTS,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return {
    async getPublicKey(keyId) {
      const answer = await client.send(new GetPublicKeyCommand({ KeyId: keyId }), {
        abortSignal: AbortSignal.timeout(LIMIT_MS),
      });
      return {
        keyId: answer.KeyId,
        publicKey: answer.PublicKey ?? new Uint8Array(),
        keySpec: answer.KeySpec,
        keyUsage: answer.KeyUsage,
      };
    },
    async sign(keyId, digest) {
      const command = new SignCommand({
        KeyId: keyId,
        Message: digest,
        MessageType: "DIGEST",
        SigningAlgorithm: "ECDSA_SHA_256",
      });
      const { Signature } = await client.send(command, { abortSignal: AbortSignal.timeout(LIMIT_MS) });
      return Signature ?? new Uint8Array();
    },
  };
}
