import { Card, SimpleGrid, Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { MerchantReport } from "../../../sdk/merchant-report.ts";
import { CorridorTable } from "./corridor-table.tsx";
import { RefusalTable } from "./refusal-table.tsx";
import { SettleTimesCard } from "./settle-times-card.tsx";
import { VolumeCard } from "./volume-card.tsx";

/** A report by currency, corridor, time and cause. Currencies are never summed. */
export function ReportView({ report }: { report: MerchantReport }) {
  const { t } = useTranslation("merchant");
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, md: report.totals.length > 1 ? 2 : 1 }}>
        {report.totals.map((sums) => (
          <VolumeCard key={sums.token} report={report} sums={sums} />
        ))}
      </SimpleGrid>
      {report.corridors.length > 0 && (
        <Card withBorder padding="lg" component="section">
          <Title order={2} size="h4" mb="sm">
            {t("overview.corridors")}
          </Title>
          <CorridorTable corridors={report.corridors} />
        </Card>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {report.settleSeconds !== null && <SettleTimesCard report={report} times={report.settleSeconds} />}
        <Card withBorder padding="lg" component="section">
          <Title order={2} size="h4" mb="sm">
            {t("overview.refusals")}
          </Title>
          <RefusalTable refusals={report.refusals} />
        </Card>
      </SimpleGrid>
    </Stack>
  );
}
