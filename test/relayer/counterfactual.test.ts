import { expect } from "chai";
import { hexlify, randomBytes, Wallet, ZeroHash } from "ethers";

import type { Draft } from "../../relayer/intake/check.ts";
import { type Moment, prove, type ProofDependencies } from "../../relayer/intake/proof.ts";
import type { WalletOutcome, WalletToTry } from "../../relayer/wallet-deployment.ts";
import { deviceNonce } from "../../sdk/device-nonce.ts";
import { wrapSignature } from "../../sdk/erc6492.ts";

const [PAYER, FACTORY, OTHER] = [1, 2, 3].map(() => new Wallet(hexlify(randomBytes(32))).address) as [
  string,
  string,
  string,
];
const INNER = "0x1234";
const WRAPPED = wrapSignature({ factory: FACTORY, factoryCalldata: "0xaabb", signature: INNER });
const MOMENT: Moment = { head: { number: 1n, timestamp: 1n }, now: 1n };

const draft = (changes: Partial<Draft> = {}): Draft => ({
  ...{ id: hexlify(randomBytes(32)), funding: "account", payer: PAYER, payee: OTHER, token: OTHER, merchant: OTHER },
  ...{
    amount: 1n,
    nonce: 1n,
    deadline: 9n,
    memo: ZeroHash,
    terms: null,
    holdId: null,
    fx: null,
    requestId: null,
    ...changes,
  },
});

/** Whoever is asked and should not be, fails the test. */
function unasked(what: string): () => Promise<never> {
  return () => Promise.reject(new Error(`${what} was asked`));
}

function dependencies(changes: Partial<ProofDependencies> = {}, hasCode = false): ProofDependencies {
  return {
    signatures: {
      checkSignature: () => "ask_contract",
      askContract: unasked("the contract"),
      hasCode: () => Promise.resolve(hasCode),
    },
    askDevice: unasked("the device"),
    isGuarded: unasked("the guard"),
    tryPulling: unasked("the token"),
    walletFactories: [FACTORY],
    tryWallet: unasked("the factory"),
    ...changes,
  };
}

async function codeOf(payment: Draft, deps: ProofDependencies): Promise<string> {
  const proof = await prove(payment, WRAPPED, deps, MOMENT);
  return "code" in proof ? `${proof.code} ${proof.field}` : "proven";
}

describe("a payment from a wallet that is not deployed", () => {
  it("is stored with what the wallet itself takes, and how the wallet comes to be", async () => {
    const asked: WalletToTry[] = [];
    const tryWallet = (wallet: WalletToTry): Promise<WalletOutcome> => {
      asked.push(wallet);
      return Promise.resolve("valid");
    };
    const payment = draft();
    const proof = await prove(payment, WRAPPED, dependencies({ tryWallet }), MOMENT);
    const deployment = { factory: FACTORY, data: "0xaabb" };
    expect(asked).to.deep.equal([{ ...deployment, signer: PAYER, digest: payment.id, signature: INNER }]);
    expect(proof).to.deep.equal({
      payment: { ...payment, r: ZeroHash, vs: ZeroHash, signature: INNER, signer: null, deployment },
      device: undefined,
    });
  });

  it("is refused, and its factory not even asked, unless the operator named the factory", async () => {
    for (const walletFactories of [[], [OTHER]]) {
      expect(await codeOf(draft(), dependencies({ walletFactories }))).to.equal("factory_not_allowed signature");
    }
  });

  it("is refused if the trial fails in any way, and not if the node does not answer", async () => {
    for (const outcome of ["factory_failed", "no_code", "bad_signature"] as const) {
      const deps = dependencies({ tryWallet: () => Promise.resolve(outcome) });
      expect(await codeOf(draft(), deps)).to.equal("bad_signature signature");
    }
    const error: unknown = await codeOf(draft(), dependencies()).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Error);
  });

  it("is like any other once the wallet is there", async () => {
    const asked: string[] = [];
    const deps = dependencies({}, true);
    const signatures = {
      ...deps.signatures,
      askContract: (_signer: string, _digest: string, signature: string) => {
        asked.push(signature);
        return Promise.resolve(true);
      },
    };
    const proof = await prove(draft(), WRAPPED, { ...deps, signatures }, MOMENT);
    expect(asked).to.deep.equal([INNER]);
    expect("payment" in proof && proof.payment).to.include({ signature: INNER, deployment: null });
  });

  it("is refused out of tokens until the wallet is there", async () => {
    expect(await codeOf(draft({ funding: "erc3009" }), dependencies())).to.equal("bad_signature signature");
    const pulled: string[] = [];
    const tryPulling: ProofDependencies["tryPulling"] = (_payment, signature) => {
      pulled.push(signature);
      return Promise.resolve({ code: "settled", signature: { r: ZeroHash, vs: ZeroHash, signature } });
    };
    expect(await codeOf(draft({ funding: "permit2" }), dependencies({ tryPulling }, true))).to.equal("proven");
    expect(pulled).to.deep.equal([INNER]);
  });

  it("is refused by a device, whose wallet nobody deploys", async () => {
    const device = { key: OTHER, expiry: 9n, perPayment: 9n, perDay: 9n, spentToday: 0n, window: 0n, nextNonce: 0n };
    const askDevice = () => Promise.resolve({ ...device, mayPay: true });
    const payment = draft({ nonce: deviceNonce(1, 0n) });
    expect(await codeOf(payment, dependencies({ askDevice }))).to.equal("bad_signature signature");
  });
});
