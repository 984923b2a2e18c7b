import { Group, SegmentedControl, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { EmptyReport } from "./empty-report.tsx";
import { type Period, periodRange, PERIODS } from "./period.ts";
import { ProfileCard } from "./profile-card.tsx";
import { isEmptyReport } from "./report-rows.ts";

// The charts' library is large: it comes when there is something to draw.
const ReportView = lazy(async () => ({ default: (await import("./report-view.tsx")).ReportView }));

/** What her payments come to, and who she says she is. */
export function OverviewPage() {
  const { t } = useTranslation("merchant");
  const { address } = useMerchant();
  const [period, setPeriod] = useState<Period>("week");
  const { data: report, error } = useQuery({
    queryKey: ["report", address, period],
    queryFn: () => client.merchantReport(periodRange(period, new Date())),
    refetchInterval: 15_000,
  });
  return (
    <Stack gap="xl">
      <Group justify="space-between" align="end">
        <Stack gap={4}>
          <Title order={1}>{t("frame.pages.overview")}</Title>
          <Text c="dimmed">{t("overview.lead")}</Text>
        </Stack>
        <SegmentedControl
          aria-label={t("overview.period")}
          value={period}
          onChange={(value) => {
            setPeriod(value);
          }}
          data={PERIODS.map((value) => ({ value, label: t(`overview.periods.${value}`) }))}
        />
      </Group>
      {report === undefined ? (
        error === null ? (
          <Skeleton h={320} />
        ) : (
          <FailureAlert error={error} />
        )
      ) : isEmptyReport(report) ? (
        <EmptyReport />
      ) : (
        <Suspense fallback={<Skeleton h={320} />}>
          <ReportView report={report} />
        </Suspense>
      )}
      <ProfileCard />
    </Stack>
  );
}
