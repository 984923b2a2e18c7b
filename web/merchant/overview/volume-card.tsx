import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import type { MerchantReport, TokenSums } from "../../../sdk/merchant-report.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";
import { Amount } from "../../parts/amount.tsx";
import { shortAddress } from "../../parts/short-address.ts";
import { showAmount } from "../../parts/show-amount.ts";
import { AXIS, GRID_COLOR, TOOLTIP } from "./chart-style.ts";
import { ChartFigure } from "./chart-figure.tsx";
import { volumeRows } from "./report-rows.ts";
import { stepText } from "./step-text.ts";

/** What came in one currency. */
export function VolumeCard({ report, sums }: { report: MerchantReport; sums: TokenSums }) {
  const { t, i18n } = useTranslation("merchant");
  const language = i18n.resolvedLanguage ?? "en";
  const currency = findCurrency(useNetwork(), sums.token);
  const rows = volumeRows(report, sums.token, currency?.decimals ?? 0);
  const title = t("overview.volumeIn", { code: currency?.code ?? shortAddress(sums.token) });
  return (
    <Card withBorder padding="lg" component="section">
      <Stack gap="sm">
        <Title order={2} size="h6" c="dimmed">
          {title}
        </Title>
        <Amount token={sums.token} value={sums.volume} fz="1.75rem" fw={650} />
        <Group gap="lg">
          <Text size="sm">{t("overview.payments", { count: sums.payments })}</Text>
          <Text size="sm">
            {t("overview.fees")}: <Amount token={sums.token} value={sums.fees} />
          </Text>
        </Group>
        <ChartFigure
          label={title}
          columns={[t("overview.time"), t("overview.paymentsColumn"), t("overview.volume"), t("overview.fees")]}
          rows={rows
            .filter(({ payments }) => payments > 0)
            .map(({ start, payments, volume, fees }) => ({
              key: start,
              cells: [
                stepText(start, report.bucket, language),
                payments,
                <Amount key="volume" token={sums.token} value={volume} />,
                <Amount key="fees" token={sums.token} value={fees} />,
              ],
            }))}
        >
          <ResponsiveContainer width="100%" height="100%">
            <BarChart data={[...rows]} margin={{ top: 4, right: 0, bottom: 0, left: 0 }} accessibilityLayer={false}>
              <CartesianGrid vertical={false} stroke={GRID_COLOR} />
              <XAxis
                {...AXIS}
                dataKey="start"
                minTickGap={24}
                tickFormatter={(start: number) => stepText(start, report.bucket, language)}
              />
              <YAxis
                {...AXIS}
                width={44}
                tickFormatter={(height: number) =>
                  new Intl.NumberFormat(language, { notation: "compact" }).format(height)
                }
              />
              <Tooltip
                {...TOOLTIP}
                labelFormatter={(start) => stepText(Number(start), report.bucket, language)}
                formatter={(_height, _name, { payload }) => [
                  showAmount((payload as { volume: bigint }).volume, currency, language, sums.token),
                  t("overview.volume"),
                ]}
              />
              <Bar
                dataKey="height"
                fill="var(--mantine-primary-color-filled)"
                radius={[3, 3, 0, 0]}
                maxBarSize={40}
                isAnimationActive={false}
              />
            </BarChart>
          </ResponsiveContainer>
        </ChartFigure>
      </Stack>
    </Card>
  );
}
