import { Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { MerchantReport } from "../../../sdk/merchant-report.ts";

/** Why accepted payments ended otherwise, the most frequent cause first. */
export function RefusalTable({ refusals }: Pick<MerchantReport, "refusals">) {
  const { t } = useTranslation("merchant");
  if (refusals.length === 0) return <Text c="dimmed">{t("overview.noRefusals")}</Text>;
  return (
    <Table aria-label={t("overview.refusals")}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("overview.cause")}</Table.Th>
          <Table.Th ta="right">{t("overview.paymentsColumn")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {refusals
          .toSorted((a, b) => b.payments - a.payments)
          .map(({ code, payments }) => (
            <Table.Tr key={code}>
              <Table.Td>{t(`overview.codes.${code}`, { defaultValue: code })}</Table.Td>
              <Table.Td ta="right">{payments}</Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
