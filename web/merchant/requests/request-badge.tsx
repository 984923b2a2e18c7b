import { Badge, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PaymentRequestView } from "../../../sdk/client.ts";
import { StatusBadge } from "../payments/status-badge.tsx";

/** Where a request stands: open or past its time until it is paid, then as its payment; whether it can be paid more than once. */
export function RequestBadge({ request }: { request: PaymentRequestView }) {
  const { t } = useTranslation("merchant");
  const isPast = Number(request.expiresAt) * 1_000 < Date.now();
  const isOpen = request.reusable || request.status === "requires_authorization";
  return (
    <Group gap={4}>
      {isPast && isOpen ? (
        <Badge variant="light" color="gray" c="var(--mantine-color-text)" tt="none">
          {t("requests.expired")}
        </Badge>
      ) : (
        <StatusBadge status={request.status} />
      )}
      {request.reusable && (
        <Badge variant="outline" color="gray" c="var(--mantine-color-text)" tt="none">
          {t("requests.reusable")}
        </Badge>
      )}
    </Group>
  );
}
