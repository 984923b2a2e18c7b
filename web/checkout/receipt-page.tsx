import { Box } from "@mantine/core";
import { useParams } from "@tanstack/react-router";

import { LivePayment } from "./live-payment.tsx";

/** A payment's receipt, later. */
export function ReceiptPage() {
  const { paymentId = "" } = useParams({ strict: false });
  return (
    <Box maw={480} mx="auto">
      <LivePayment id={paymentId} />
    </Box>
  );
}
