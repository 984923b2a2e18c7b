import { Stack, Table, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { ReportCorridor } from "../../../sdk/merchant-report.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";
import { Amount } from "../../parts/amount.tsx";
import { shortAddress } from "../../parts/short-address.ts";
import { countryName } from "./countries.ts";
import { sortedCorridors } from "./report-rows.ts";

/** From where and in what was paid, to where and in what. */
export function CorridorTable({ corridors }: { corridors: readonly ReportCorridor[] }) {
  const { t } = useTranslation("merchant");
  return (
    <Table.ScrollContainer minWidth={440} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" aria-label={t("overview.corridors")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("overview.from")}</Table.Th>
            <Table.Th>{t("overview.to")}</Table.Th>
            <Table.Th ta="right">{t("overview.paymentsColumn")}</Table.Th>
            <Table.Th ta="right">{t("overview.volume")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sortedCorridors(corridors).map((corridor) => (
            <Table.Tr
              key={[corridor.payerCountry, corridor.payToken, corridor.merchantCountry, corridor.settleToken].join()}
            >
              <Table.Td>
                <Place country={corridor.payerCountry} token={corridor.payToken} />
              </Table.Td>
              <Table.Td>
                <Place country={corridor.merchantCountry} token={corridor.settleToken} />
              </Table.Td>
              <Table.Td ta="right">{corridor.payments}</Table.Td>
              <Table.Td ta="right">
                <Amount token={corridor.settleToken} value={corridor.volume} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Place({ country, token }: { country: string | null; token: string }) {
  const { t, i18n } = useTranslation("merchant");
  const currency = findCurrency(useNetwork(), token);
  return (
    <Stack gap={0}>
      <Text size="sm">
        {country === null ? t("overview.unknownCountry") : countryName(country, i18n.resolvedLanguage ?? "en")}
      </Text>
      <Text size="xs" c="dimmed">
        {currency?.code ?? shortAddress(token)}
      </Text>
    </Stack>
  );
}
