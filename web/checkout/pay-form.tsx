import { useState } from "react";

import type { PaymentRequestView } from "../../sdk/client.ts";
import type { Wallet } from "../wallets/wallet.ts";
import { ChooseWallet } from "./choose-wallet.tsx";
import type { KeptPayment } from "./kept-payment.ts";
import { PayFrom } from "./pay-from.tsx";

export interface PayFormProps {
  readonly request: PaymentRequestView;
  /** What was tried before for this request. */
  readonly before: KeptPayment | undefined;
  /** The payment is signed, and on its way from now on. */
  readonly onSigned: (payment: KeptPayment) => void;
}

/** First who pays, then with what; then one signature. */
export function PayForm(props: PayFormProps) {
  const [wallet, setWallet] = useState<Wallet>();
  if (wallet === undefined) return <ChooseWallet onChosen={setWallet} />;
  return (
    <PayFrom
      {...props}
      wallet={wallet}
      onOtherWallet={() => {
        setWallet(undefined);
      }}
    />
  );
}
