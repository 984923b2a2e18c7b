import { Badge } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PaymentStatus } from "../../../sdk/payment-status.ts";

const COLORS: Readonly<Record<PaymentStatus, string>> = {
  requires_authorization: "gray",
  processing: "blue",
  requires_capture: "yellow",
  disputed: "orange",
  succeeded: "teal",
  refunded: "grape",
  canceled: "gray",
};

export function StatusBadge({ status }: { status: PaymentStatus }) {
  const { t } = useTranslation("merchant");
  // Dark letters on light colours, and the other way round in the dark: both are read easily.
  return (
    <Badge variant="light" color={COLORS[status]} c="var(--mantine-color-text)" tt="none" style={{ flexShrink: 0 }}>
      {t(`payments.statuses.${status}`)}
    </Badge>
  );
}
