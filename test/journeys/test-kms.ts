import { createServer } from "node:http";

import { getBytes, SigningKey, toBeArray } from "ethers";
import secp256k1 from "secp256k1";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** SubjectPublicKeyInfo of a point on secp256k1, up to the point itself (RFC 5480). */
const SPKI = "3056301006072a8648ce3d020106052b8104000a034200";

interface Request {
  readonly KeyId: string;
  readonly Message?: string;
  readonly MessageType?: string;
  readonly SigningAlgorithm?: string;
}

/** A key management service that speaks AWS KMS's JSON 1.1 protocol, with one real key, and can be told to behave as KMS may. */
export interface TestKms {
  readonly url: string;
  readonly keyId: string;
  /** What was asked, by operation, in order. */
  readonly asked: string[];
  /** By which name the key was asked for, each time. */
  readonly keyIds: string[];
  /** Whether requests are left without an answer from now on. */
  setSilent(isSilent: boolean): void;
  /** The answers to come are errors of these names, each once. */
  failNext(...names: string[]): void;
  /** Signatures are made by this key from now on, while the public key stays. */
  signWith(privateKey: string): void;
  /** Which half of the order s lies in from now on. */
  answerWith(half: "high" | "low"): void;
  describeAs(description: { readonly keySpec?: string; readonly keyUsage?: string; readonly publicKey?: string }): void;
  stop(): Promise<void>;
}

export async function startTestKms(privateKey: string): Promise<TestKms> {
  const keyId = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const asked: string[] = [];
  const keyIds: string[] = [];
  const failures: string[] = [];
  const state = {
    signer: privateKey,
    half: "low",
    silent: false,
    keySpec: "ECC_SECG_P256K1",
    keyUsage: "SIGN_VERIFY",
    publicKey: "",
  };
  state.publicKey = SPKI + new SigningKey(privateKey).publicKey.slice(2);

  function answer(operation: string, request: Request): Record<string, unknown> {
    switch (operation) {
      case "TrentService.GetPublicKey":
        return {
          ...{ KeyId: keyId, KeySpec: state.keySpec, CustomerMasterKeySpec: state.keySpec, KeyUsage: state.keyUsage },
          ...{
            PublicKey: Buffer.from(state.publicKey, "hex").toString("base64"),
            SigningAlgorithms: ["ECDSA_SHA_256"],
          },
        };
      case "TrentService.Sign": {
        if (request.MessageType !== "DIGEST" || request.SigningAlgorithm !== "ECDSA_SHA_256") {
          throw new Error("ValidationException");
        }
        const digest = Buffer.from(request.Message ?? "", "base64");
        const signature = toDer(digest, state.signer, state.half === "high");
        return { KeyId: keyId, Signature: signature.toString("base64"), SigningAlgorithm: "ECDSA_SHA_256" };
      }
      default:
        throw new Error("UnknownOperationException");
    }
  }

  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const operation = String(request.headers["x-amz-target"]);
      asked.push(operation);
      if (state.silent) return;
      const send = (status: number, body: Record<string, unknown>): void => {
        response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
      };
      const fail = (name: string): void => {
        const isServers = name === "KMSInternalException" || name === "DependencyTimeoutException";
        send(isServers ? 500 : 400, { __type: name, message: `as told: ${name}` });
      };
      const failure = failures.shift();
      if (failure !== undefined) {
        fail(failure);
        return;
      }
      try {
        const body = JSON.parse(Buffer.concat(parts).toString()) as Request;
        keyIds.push(body.KeyId);
        send(200, answer(operation, body));
      } catch (error) {
        fail(error instanceof Error ? error.message : "KMSInternalException");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    keyId,
    asked,
    keyIds,
    setSilent(isSilent) {
      state.silent = isSilent;
    },
    failNext: (...names) => failures.push(...names),
    signWith(key) {
      state.signer = key;
    },
    answerWith(half) {
      state.half = half;
    },
    describeAs: (description) => Object.assign(state, description),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** ECDSA as a service gives it: DER, and either of the two values of s. */
function toDer(digest: Uint8Array, privateKey: string, isHigh: boolean): Buffer {
  const { signature } = secp256k1.ecdsaSign(digest, getBytes(privateKey));
  const r = BigInt(`0x${Buffer.from(signature.subarray(0, 32)).toString("hex")}`);
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  const body = Buffer.concat([derInteger(r), derInteger(isHigh ? ORDER - s : s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function derInteger(value: bigint): Buffer {
  const bytes = toBeArray(value);
  const positive = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : Buffer.from(bytes);
  return Buffer.concat([Buffer.from([0x02, positive.length]), positive]);
}
