import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { ReconciledTotals } from "../../../sdk/reconcile/reconciliation.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";
import { Amount } from "../../parts/amount.tsx";
import { shortAddress } from "../../parts/short-address.ts";

/** What each currency's orders and payments come to. */
export function ReconciledTotalsTable({ totals }: { totals: readonly ReconciledTotals[] }) {
  const { t } = useTranslation("merchant");
  const network = useNetwork();
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" aria-label={t("reconciliation.totals")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("reconciliation.currency")}</Table.Th>
            {(["orders", "expected", "payments", "received", "difference", "fees"] as const).map((name) => (
              <Table.Th key={name} ta="right">
                {t(`reconciliation.${name}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {totals.map(({ token, orders, expected, payments, received, fees }) => (
            <Table.Tr key={token}>
              <Table.Th scope="row">{findCurrency(network, token)?.code ?? shortAddress(token)}</Table.Th>
              <Table.Td ta="right">{orders}</Table.Td>
              <Table.Td ta="right">
                <Amount token={token} value={expected} />
              </Table.Td>
              <Table.Td ta="right">{payments}</Table.Td>
              <Table.Td ta="right">
                <Amount token={token} value={received} />
              </Table.Td>
              <Table.Td ta="right" fw={600}>
                <Amount token={token} value={BigInt(received) - BigInt(expected)} />
              </Table.Td>
              <Table.Td ta="right">
                <Amount token={token} value={fees} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
