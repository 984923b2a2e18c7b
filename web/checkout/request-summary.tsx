import { Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PaymentRequestView } from "../../sdk/client.ts";
import { Amount } from "../parts/amount.tsx";
import { HexText } from "../parts/hex-text.tsx";
import { TimeText } from "../parts/time-text.tsx";

/** Who asks for what. */
export function RequestSummary({ request }: { request: PaymentRequestView }) {
  const { t, i18n } = useTranslation("checkout");
  const { profile } = request;
  const country =
    profile.country === null
      ? undefined
      : new Intl.DisplayNames(i18n.resolvedLanguage ?? "en", { type: "region" }).of(profile.country);
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="request-title">
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Stack gap={0}>
            <Text fw={600} size="lg">
              {profile.name ?? t("summary.namelessMerchant")}
            </Text>
            {country !== undefined && (
              <Text size="sm" c="dimmed">
                {country}
              </Text>
            )}
          </Stack>
          {request.terms !== null && <Badge variant="light">{t("summary.held")}</Badge>}
        </Group>
        <Title order={1} size="h4" fw={500} id="request-title">
          {request.title ?? t("summary.untitled")}
        </Title>
        <Text size="2rem" fw={700} lh={1.2}>
          <Amount token={request.token} value={request.amount} />
        </Text>
        <Group gap="xs" c="dimmed">
          <Text size="sm">{t("summary.paidTo")}</Text>
          <HexText value={request.merchant} />
        </Group>
        <Text size="sm" c="dimmed">
          {t("summary.until")} <TimeText at={request.expiresAt} />
        </Text>
        {request.terms !== null && (
          <Text size="sm">
            {t("summary.heldUntil")} <TimeText at={request.terms.captureDeadline} fw={600} />
          </Text>
        )}
      </Stack>
    </Card>
  );
}
