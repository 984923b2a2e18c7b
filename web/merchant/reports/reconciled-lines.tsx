import { Anchor, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { ReconciledLineView, ReconciledPaymentView } from "../../../sdk/reconcile/reconciliation.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";
import { Amount } from "../../parts/amount.tsx";
import { shortAddress } from "../../parts/short-address.ts";
import { showAmount } from "../../parts/show-amount.ts";
import { TimeText } from "../../parts/time-text.tsx";

/** Orders with their payments, and payments without one. */
export function ReconciledLines({ lines }: { lines: readonly ReconciledLineView[] }) {
  const { t } = useTranslation("merchant");
  return (
    <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" aria-label={t("reconciliation.lines")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("reconciliation.order")}</Table.Th>
            <Table.Th ta="right">{t("reconciliation.expected")}</Table.Th>
            <Table.Th ta="right">{t("reconciliation.received")}</Table.Th>
            <Table.Th>{t("reconciliation.payment")}</Table.Th>
            <Table.Th>{t("reconciliation.why")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map(({ order, token, received, payments, reason }) => (
            <Table.Tr key={order === null ? payments[0]?.id : order.row}>
              <Table.Td>
                {order !== null && (
                  <Stack gap={0}>
                    <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                      {order.number}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {[t("reconciliation.row", { row: order.row }), order.date].filter(Boolean).join(" · ")}
                    </Text>
                  </Stack>
                )}
              </Table.Td>
              <Table.Td ta="right">{order !== null && <Amount token={token} value={order.amount} />}</Table.Td>
              <Table.Td ta="right">
                <Amount token={token} value={received} />
              </Table.Td>
              <Table.Td>
                <Stack gap={4}>
                  {payments.map((payment) => (
                    <PaymentCell key={payment.id} payment={payment} token={token} />
                  ))}
                </Stack>
              </Table.Td>
              <Table.Td>
                <Text size="sm">{reason === null ? "" : t(`reconciliation.reasons.${reason}`)}</Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function PaymentCell({ payment, token }: { payment: ReconciledPaymentView; token: string }) {
  const { t, i18n } = useTranslation("merchant");
  const network = useNetwork();
  const { id, settledAt } = payment;
  const said = (["returned", "held"] as const).flatMap((name) => {
    const value = BigInt(payment[name]);
    const language = i18n.resolvedLanguage ?? "en";
    const amount = showAmount(value, findCurrency(network, token), language, token);
    return value === 0n ? [] : [t(`reconciliation.${name}`, { amount })];
  });
  return (
    <Stack gap={0}>
      <Anchor
        size="sm"
        ff="monospace"
        aria-label={t("payments.open", { id: shortAddress(id) })}
        renderRoot={(props) => <Link {...props} to="/merchant/payments/$paymentId" params={{ paymentId: id }} />}
      >
        {shortAddress(id)}
      </Anchor>
      <TimeText at={settledAt} size="xs" c="dimmed" />
      {said.map((text) => (
        <Text key={text} size="xs" c="dimmed">
          {text}
        </Text>
      ))}
    </Stack>
  );
}
