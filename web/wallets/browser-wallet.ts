import { getBytes, hexlify } from "ethers";

import { encodeP256Signature, type P256PublicKey, readSpki } from "../../sdk/p256.ts";
import { digestWallet } from "./digest-wallet.ts";
import { type Wallet, WalletError } from "./wallet.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const [DATABASE, STORE] = ["corridor", "keys"] as const;

/**
 * The wallet of this browser under a name, made at its first use. Its key cannot be read, by this page or another: the browser keeps
 * it and signs with it. Whoever clears the browser's data has lost it, so it is for test money.
 */
export async function openBrowserWallet(name: string): Promise<Wallet> {
  const keys = (await load(name)) ?? (await save(name, await makeKeys()));
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", keys.publicKey));
  const key = readSpki(spki);
  if (key === undefined) throw new WalletError("failed");
  return digestWallet("browser", name, key, (digest) => sign(keys.privateKey, key, digest));
}

export async function hasBrowserWallet(name: string): Promise<boolean> {
  return (await load(name)) !== undefined;
}

async function sign(privateKey: CryptoKey, key: P256PublicKey, digest: string): Promise<string> {
  const message = new Uint8Array(getBytes(digest));
  const rs = new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, message));
  return encodeP256Signature(key, {
    r: BigInt(hexlify(rs.subarray(0, 32))),
    s: BigInt(hexlify(rs.subarray(32))),
  });
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
}

async function load(name: string): Promise<CryptoKeyPair | undefined> {
  return inStore("readonly", (store) => store.get(name) as IDBRequest<CryptoKeyPair | undefined>);
}

/** @returns the keys that are kept: another tab may have been first. */
async function save(name: string, keys: CryptoKeyPair): Promise<CryptoKeyPair> {
  await inStore("readwrite", (store) => store.add(keys, name)).catch(() => undefined);
  const kept = await load(name);
  if (kept === undefined) throw new WalletError("unavailable");
  return kept;
}

async function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await openDatabase();
  try {
    return await settled(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

async function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(STORE);
  };
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(new WalletError("unavailable", { cause: request.error }));
    };
  });
}
