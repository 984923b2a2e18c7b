import { randomBytes } from "node:crypto";

import { computeAddress, hexlify, JsonRpcProvider, NonceManager, SigningKey, Wallet } from "ethers";
import secp256k1 from "secp256k1";

import { fastPaymentId } from "../../../native/payment-id.ts";
import { encodeSettle } from "../../../relayer/lanes/encode-settlement.ts";
import { Ledger__factory } from "../../../typechain-types/factories/contracts/Ledger__factory.ts";
import { TestToken__factory } from "../../../typechain-types/factories/contracts/mocks/TestToken__factory.ts";
import { deployLocally } from "../../local/deploy.ts";
import { LOCAL_CHAIN_ID } from "../../local/market.ts";
import { localKey } from "../../local/stack.ts";

const PAYERS = 400;
const PAYEES = 4;
/** As many as fit a transaction of 16,777,216 gas. */
const ROWS = 900;
const FUNDS = 10n ** 15n;
const FEE_BPS = 30;
const GAS = 16_777_216;
const A_DAY = 86_400n;

/**
 * Payments that were really signed, settled in batches as large as the chain takes, past any relayer. @returns the Ledger.
 */
export async function settleMany(url: string, payments: number, onProgress: (done: number) => void): Promise<string> {
  const { ledger, dollar } = await deployLocally(url);
  const provider = new JsonRpcProvider(url, undefined, { staticNetwork: true, cacheTimeout: -1 });
  const operator = new NonceManager(new Wallet(localKey(0).privateKey, provider));
  const keys = Array.from({ length: PAYERS }, () => new SigningKey(hexlify(randomBytes(32))));
  const payers = keys.map((key) => ({
    key: Buffer.from(key.privateKey.slice(2), "hex"),
    address: computeAddress(key),
  }));
  const payees = Array.from({ length: PAYEES }, (_, index) => localKey(index + 1));
  await fund(operator, ledger, dollar, payers);
  for (const payee of payees) {
    const own = Ledger__factory.connect(ledger, new Wallet(payee.privateKey, provider));
    await (await own.agree(await operator.getAddress(), dollar, FEE_BPS, 0n)).wait();
  }

  const domain = { chainId: LOCAL_CHAIN_ID, ledger };
  const deadline = BigInt((await provider.getBlock("latest"))?.timestamp ?? 0) + A_DAY;
  let sent: { hash: string } | undefined;
  for (let start = 0; start < payments; start += ROWS) {
    const payee = payees[(start / ROWS) % PAYEES]?.address ?? "";
    const rows = Array.from({ length: Math.min(ROWS, payments - start) }, (_, index) => {
      const at = start + index;
      const payer = payers[at % PAYERS];
      if (payer === undefined) throw new Error("No payers");
      const nonce = BigInt(Math.floor(at / PAYERS));
      const amount = 1_000_000n + BigInt(at % 97) * 12_345n;
      const payment = {
        payer: payer.address,
        payee,
        token: dollar,
        amount,
        nonce,
        deadline,
        memo: hexlify(randomBytes(32)),
      };
      const id = fastPaymentId(domain, payment);
      return { ...payment, id, signer: null, signature: null, ...sign(payer.key, id) };
    });
    const data = encodeSettle([{ payee, token: dollar, rows }]);
    sent = await operator.sendTransaction({ to: ledger, data, gasLimit: GAS });
    onProgress(Math.min(payments, start + ROWS));
  }
  if (sent !== undefined) await provider.waitForTransaction(sent.hash);
  provider.destroy();
  return ledger;
}

/** Compact, as `settle` takes it. */
function sign(key: Uint8Array, id: string): { r: string; vs: string } {
  const { signature, recid } = secp256k1.ecdsaSign(Buffer.from(id.slice(2), "hex"), key);
  const bytes = Buffer.from(signature);
  bytes.writeUInt8((bytes[32] ?? 0) | (recid << 7), 32);
  return { r: hexlify(bytes.subarray(0, 32)), vs: hexlify(bytes.subarray(32)) };
}

async function fund(
  operator: NonceManager,
  ledger: string,
  token: string,
  payers: readonly { readonly address: string }[],
): Promise<void> {
  const coin = TestToken__factory.connect(token, operator);
  const contract = Ledger__factory.connect(ledger, operator);
  await (await coin.mint(await operator.getAddress(), FUNDS * BigInt(payers.length))).wait();
  await (await coin.approve(ledger, FUNDS * BigInt(payers.length))).wait();
  let last;
  for (const { address } of payers) last = await contract.deposit(token, address, FUNDS, { gasLimit: 200_000 });
  await last?.wait();
}
