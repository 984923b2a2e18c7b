import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { IconArrowLeft } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { HexText } from "../../parts/hex-text.tsx";
import { ActsCard } from "../acts/acts-card.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { PaymentFacts } from "./payment-facts.tsx";
import { Received } from "./payment-list.tsx";
import { PaymentProof } from "./payment-proof.tsx";
import { actsQuery, paymentQuery } from "./payment-queries.ts";
import { PaymentTimeline } from "./payment-timeline.tsx";
import { StatusBadge } from "./status-badge.tsx";

export function PaymentPage() {
  const { t } = useTranslation("merchant");
  const { paymentId } = useParams({ from: "/merchant/payments/$paymentId" });
  const { address } = useMerchant();
  const { data: payment } = useSuspenseQuery(paymentQuery(paymentId));
  const { data: acts } = useQuery({ ...actsQuery(paymentId), enabled: payment.terms !== null });
  const isHers = payment.merchant.toLowerCase() === address.toLowerCase();
  return (
    <Stack gap="lg">
      <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/merchant/payments" />}>
        <IconArrowLeft size="1rem" aria-hidden style={{ verticalAlign: "text-bottom" }} /> {t("payments.title")}
      </Anchor>
      <Stack gap={4}>
        <Group gap="sm">
          <Title order={1}>
            <Received payment={payment} />
          </Title>
          <StatusBadge status={payment.status} />
        </Group>
        <HexText value={payment.id} what={t("payments.id")} />
        {payment.code !== null && <Text c="red">{t("payments.refusedBy", { code: payment.code })}</Text>}
      </Stack>
      {payment.terms !== null && isHers && <ActsCard payment={payment} acts={acts} />}
      <PaymentFacts payment={payment} />
      <PaymentTimeline payment={payment} acts={acts ?? []} />
      <PaymentProof payment={payment} />
    </Stack>
  );
}
