import { useState } from "react";

import type { PaymentRequestView } from "../../sdk/client.ts";
import type { Wallet } from "../wallets/wallet.ts";
import type { Attempt } from "./attempt.ts";
import { ChooseWallet } from "./choose-wallet.tsx";
import { PayFrom } from "./pay-from.tsx";
import type { SignedPayment } from "./send-payment.ts";

export interface PayFormProps {
  readonly request: PaymentRequestView;
  /** What was tried before for this request. */
  readonly before: Attempt | undefined;
  /** The payment is signed, and may be paid from now on. */
  readonly onSigned: (attempt: Attempt, signed: SignedPayment) => void;
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
