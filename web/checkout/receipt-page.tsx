import { useParams } from "@tanstack/react-router";

import { LivePayment } from "./live-payment.tsx";

/** A payment's receipt, later. */
export function ReceiptPage() {
  const { paymentId = "" } = useParams({ strict: false });
  return <LivePayment id={paymentId} />;
}
