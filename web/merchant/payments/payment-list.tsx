import { Anchor, Card, Group, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { PaymentView } from "../../../sdk/client.ts";
import { Amount } from "../../parts/amount.tsx";
import { HexText } from "../../parts/hex-text.tsx";
import { shortAddress } from "../../parts/short-address.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { StatusBadge } from "./status-badge.tsx";

/** Payments as a table where there is room, as cards on a phone. */
export function PaymentList({ payments }: { payments: readonly PaymentView[] }) {
  const { t } = useTranslation("merchant");
  return (
    <>
      <Table.ScrollContainer minWidth={640} visibleFrom="sm">
        <Table verticalSpacing="sm" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("payments.amount")}</Table.Th>
              <Table.Th>{t("payments.status")}</Table.Th>
              <Table.Th>{t("payments.payer")}</Table.Th>
              <Table.Th>{t("payments.accepted")}</Table.Th>
              <Table.Th>{t("payments.payment")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {payments.map((payment) => (
              <Table.Tr key={payment.id}>
                <Table.Td fw={600}>
                  <Received payment={payment} />
                </Table.Td>
                <Table.Td>
                  <StatusBadge status={payment.status} />
                </Table.Td>
                <Table.Td>
                  <HexText value={payment.payer} />
                </Table.Td>
                <Table.Td>
                  <TimeText at={payment.acceptedAt} size="sm" />
                </Table.Td>
                <Table.Td>
                  <PaymentLink id={payment.id} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Stack hiddenFrom="sm" gap="sm">
        {payments.map((payment) => (
          <Card key={payment.id} withBorder padding="sm">
            <Group justify="space-between" gap="xs">
              <Text fw={600}>
                <Received payment={payment} />
              </Text>
              <StatusBadge status={payment.status} />
            </Group>
            <Group justify="space-between" gap="xs" mt="xs">
              <TimeText at={payment.acceptedAt} size="sm" c="dimmed" />
              <PaymentLink id={payment.id} />
            </Group>
          </Card>
        ))}
      </Stack>
    </>
  );
}

/** What the merchant's side gets: of an exchanged payment the amount in her currency. */
export function Received({ payment: { exchange, token, amount } }: { payment: PaymentView }) {
  return <Amount token={exchange?.settleToken ?? token} value={exchange?.settleAmount ?? amount} />;
}

function PaymentLink({ id }: { id: string }) {
  const { t } = useTranslation("merchant");
  return (
    <Anchor
      size="sm"
      ff="monospace"
      aria-label={t("payments.open", { id: shortAddress(id) })}
      renderRoot={(props) => <Link {...props} to="/merchant/payments/$paymentId" params={{ paymentId: id }} />}
    >
      {shortAddress(id)}
    </Anchor>
  );
}
