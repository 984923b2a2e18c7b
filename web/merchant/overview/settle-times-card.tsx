import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import type { MerchantReport, SettleTimes } from "../../../sdk/merchant-report.ts";
import { AXIS, GRID_COLOR, TOOLTIP } from "./chart-style.ts";
import { ChartFigure } from "./chart-figure.tsx";
import { settleRows } from "./report-rows.ts";
import { secondsText, stepText } from "./step-text.ts";

/** How long payments took from accepted to settled. */
export function SettleTimesCard({ report, times }: { report: MerchantReport; times: SettleTimes }) {
  const { t, i18n } = useTranslation("merchant");
  const language = i18n.resolvedLanguage ?? "en";
  const rows = settleRows(report);
  const lines = [
    { of: "p50", name: t("overview.half"), color: "var(--mantine-primary-color-filled)" },
    { of: "p95", name: t("overview.most"), color: "var(--mantine-color-orange-filled)" },
  ] as const;
  return (
    <Card withBorder padding="lg" component="section">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {t("overview.settleTime")}
        </Title>
        <Group gap="xl">
          {lines.map(({ of, name, color }) => (
            <Stack key={of} gap={0} pl="xs" style={{ borderInlineStart: `3px solid ${color}` }}>
              <Text size="sm" c="dimmed">
                {name}
              </Text>
              <Text fw={650} fz="1.25rem">
                {secondsText(times[of], language)}
              </Text>
            </Stack>
          ))}
        </Group>
        <ChartFigure
          label={t("overview.settleTime")}
          columns={[t("overview.time"), t("overview.halfOf"), t("overview.mostOf")]}
          rows={rows.flatMap(({ start, times: step }) =>
            step === null
              ? []
              : [
                  {
                    key: start,
                    cells: [
                      stepText(start, report.bucket, language),
                      secondsText(step.p50, language),
                      secondsText(step.p95, language),
                    ],
                  },
                ],
          )}
        >
          <ResponsiveContainer width="100%" height="100%">
            <LineChart
              data={rows.map(({ start, times: step }) => ({ start, p50: step?.p50 ?? null, p95: step?.p95 ?? null }))}
              margin={{ top: 4, right: 8, bottom: 0, left: 0 }}
              accessibilityLayer={false}
            >
              <CartesianGrid vertical={false} stroke={GRID_COLOR} />
              <XAxis
                {...AXIS}
                dataKey="start"
                minTickGap={24}
                tickFormatter={(start: number) => stepText(start, report.bucket, language)}
              />
              <YAxis {...AXIS} width={60} tickFormatter={(seconds: number) => secondsText(seconds, language)} />
              <Tooltip
                {...TOOLTIP}
                labelFormatter={(start) => stepText(Number(start), report.bucket, language)}
                formatter={(seconds) => secondsText(Number(seconds), language)}
              />
              {lines.map(({ of, name, color }) => (
                <Line key={of} dataKey={of} name={name} stroke={color} strokeWidth={2} isAnimationActive={false} />
              ))}
            </LineChart>
          </ResponsiveContainer>
        </ChartFigure>
      </Stack>
    </Card>
  );
}
