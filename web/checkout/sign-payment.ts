import type { NetworkView } from "../../sdk/client.ts";
import { fxPaymentId, signFxPayment } from "../../sdk/exchange-typed-data.ts";
import {
  erc3009Hold,
  erc3009Payment,
  gatewayPaymentId,
  signTypedData,
  type TypedData,
} from "../../sdk/gateway-typed-data.ts";
import { holdId, signHoldPayment } from "../../sdk/hold-typed-data.ts";
import type { Funding } from "../../sdk/payment.ts";
import { paymentId, signPayment, type TypedDataSigner } from "../../sdk/typed-data.ts";
import type { AnyPayment } from "./compose-payment.ts";

/** From the payer's account, or from the tokens that she holds herself. */
export type PageFunding = Extract<Funding, "account" | "erc3009">;

type Contracts = Pick<NetworkView, "chainId" | "ledger" | "gateway" | "currencies">;

/** The payment's id, known before anybody is told of it. @throws RangeError of what cannot be pulled from a token. */
export function idOf(network: Contracts, payment: AnyPayment, funding: PageFunding): string {
  const domain = { chainId: BigInt(network.chainId), ledger: network.ledger };
  if (isExchanged(payment)) {
    if (funding === "erc3009") throw new RangeError("An exchanged payment comes from an account");
    return fxPaymentId(domain, payment);
  }
  if ("terms" in payment) return holdId(domain, payment);
  return funding === "account"
    ? paymentId(domain, payment)
    : gatewayPaymentId(gatewayDomain(network), "erc3009", payment);
}

/** The payer's signature, after one question of her wallet. @throws WalletError, and RangeError as above. */
export function signAny(
  wallet: TypedDataSigner,
  network: Contracts,
  payment: AnyPayment,
  funding: PageFunding,
): Promise<string> {
  const domain = { chainId: BigInt(network.chainId), ledger: network.ledger };
  if (funding === "erc3009") return signTypedData(wallet, authorization(network, payment));
  if (isExchanged(payment)) return signFxPayment(wallet, domain, payment);
  return "terms" in payment ? signHoldPayment(wallet, domain, payment) : signPayment(wallet, domain, payment);
}

function authorization(network: Contracts, payment: AnyPayment): TypedData {
  if (isExchanged(payment)) throw new RangeError("An exchanged payment comes from an account");
  const signing = network.currencies.find(({ token }) => token === payment.token)?.signing ?? null;
  if (signing === null) throw new RangeError("The token takes no authorizations");
  const token = { ...signing, chainId: BigInt(network.chainId), address: payment.token };
  const gateway = gatewayDomain(network);
  if (!("terms" in payment)) return erc3009Payment(gateway, token, payment);
  return erc3009Hold(gateway, { chainId: BigInt(network.chainId), ledger: network.ledger }, token, payment);
}

function gatewayDomain({ chainId, gateway }: Contracts) {
  if (gateway === null) throw new RangeError("Nothing is pulled from tokens here");
  return { chainId: BigInt(chainId), gateway };
}

function isExchanged(payment: AnyPayment): payment is Extract<AnyPayment, { terms: { settleToken: string } }> {
  return "terms" in payment && "settleToken" in payment.terms;
}
