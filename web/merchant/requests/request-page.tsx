import { Anchor, Button, Card, CopyButton, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { IconArrowLeft, IconCheck, IconCopy } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { PaymentRequestView } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";
import { Amount } from "../../parts/amount.tsx";
import { HexText } from "../../parts/hex-text.tsx";
import { QrCode } from "../../parts/qr-code.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { countryName } from "../overview/countries.ts";
import { FactList } from "../payments/fact-list.tsx";
import { ListFooter } from "../payments/list-footer.tsx";
import { PaymentList } from "../payments/payment-list.tsx";
import { RequestBadge } from "./request-badge.tsx";

const POLL_MS = 3_000;

export function RequestPage() {
  const { t } = useTranslation("merchant");
  const { requestId } = useParams({ from: "/merchant/requests/$requestId" });
  const { data: request } = useSuspenseQuery({
    queryKey: ["request", requestId],
    queryFn: () => client.paymentRequest(requestId),
    refetchInterval: POLL_MS,
  });
  return (
    <Stack gap="lg">
      <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/merchant/requests" />}>
        <IconArrowLeft size="1rem" aria-hidden style={{ verticalAlign: "text-bottom" }} /> {t("requests.title")}
      </Anchor>
      <Stack gap={4}>
        <Group gap="sm">
          <Title order={1}>
            <Amount token={request.token} value={request.amount} />
          </Title>
          <RequestBadge request={request} />
        </Group>
        {request.title !== null && <Text style={{ overflowWrap: "anywhere" }}>{request.title}</Text>}
      </Stack>
      <CheckoutLink id={request.id} />
      <RequestFacts request={request} />
      <RequestPayments request={request} />
    </Stack>
  );
}

/** What the payer is given. */
function CheckoutLink({ id }: { id: string }) {
  const { t } = useTranslation("merchant");
  const link = `${window.location.origin}/pay/${id}`;
  return (
    <Card withBorder component="section">
      <Group align="center" gap="lg">
        <QrCode text={link} label={t("requests.qr")} size="11rem" />
        <Stack gap="xs" align="flex-start" style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <Title order={2} size="h4">
            {t("requests.link")}
          </Title>
          <Text size="sm">{t("requests.linkHint")}</Text>
          <Anchor href={link} size="sm" style={{ overflowWrap: "anywhere" }}>
            {link}
          </Anchor>
          <CopyButton value={link}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                leftSection={copied ? <IconCheck size="1rem" aria-hidden /> : <IconCopy size="1rem" aria-hidden />}
                onClick={copy}
              >
                {t(copied ? "requests.copied" : "requests.copy")}
              </Button>
            )}
          </CopyButton>
        </Stack>
      </Group>
    </Card>
  );
}

function RequestFacts({ request }: { request: PaymentRequestView }) {
  const { t, i18n } = useTranslation("merchant");
  const { terms, payerCountry } = request;
  return (
    <Card withBorder component="section">
      <Title order={2} size="h4" mb="xs">
        {t("requests.details")}
      </Title>
      <FactList
        facts={[
          [t("requests.capture"), t(`requests.captures.${request.capture}`)],
          [t("requests.expires"), <TimeText key="expires" at={request.expiresAt} />],
          ...(terms === null
            ? []
            : ([[t("payments.facts.captureDeadline"), <TimeText key="until" at={terms.captureDeadline} />]] as const)),
          ...(payerCountry === null
            ? []
            : ([
                [t("requests.fields.payerCountry"), countryName(payerCountry, i18n.resolvedLanguage ?? "en")],
              ] as const)),
          [
            t("payments.facts.memo"),
            <HexText key="memo" value={terms?.memo ?? request.memo} what={t("payments.facts.memo")} />,
          ],
          [t("requests.id"), <HexText key="id" value={request.id} what={t("requests.id")} isWhole />],
        ]}
      />
    </Card>
  );
}

function RequestPayments({ request }: { request: PaymentRequestView }) {
  const { t } = useTranslation("merchant");
  const filter = { merchant: request.merchant, request: request.id };
  const list = useQuery({
    queryKey: ["payments", filter],
    queryFn: () => client.payments(filter),
    refetchInterval: POLL_MS,
  });
  const payments = list.data?.payments ?? [];
  const query = {
    ...{ isPending: list.isPending, error: list.error, hasNextPage: false, isFetchingNextPage: false },
    fetchNextPage: () => Promise.resolve(),
  };
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        {t("requests.payments")}
      </Title>
      {payments.length > 0 && <PaymentList payments={payments} />}
      <ListFooter query={query} count={payments.length} empty={t("requests.notPaid")} />
    </Stack>
  );
}
