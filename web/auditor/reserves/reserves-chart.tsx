import { useTranslation } from "react-i18next";
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

import type { ReservesPoint } from "../../../sdk/record/reserves-history.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";

/** Supply and holdings by block. Drawn with the precision of a screen; the table has every unit. */
export default function ReservesChart({ token, points }: { token: string; points: readonly ReservesPoint[] }) {
  const { t, i18n } = useTranslation("auditor");
  const currency = findCurrency(useNetwork(), token);
  const scale = 10 ** (currency?.decimals ?? 0);
  const number = new Intl.NumberFormat(i18n.resolvedLanguage, { maximumFractionDigits: 2 });
  const compact = new Intl.NumberFormat(i18n.resolvedLanguage, { notation: "compact" });
  const data = points.map(({ blockNumber, supply, held }) => ({
    blockNumber,
    supply: Number(supply) / scale,
    held: Number(held) / scale,
  }));
  return (
    <div role="img" aria-label={t("reserves.chartLabel", { currency: currency?.code ?? token })}>
      <ResponsiveContainer width="100%" height={240}>
        <LineChart data={data} accessibilityLayer={false} margin={{ top: 8, right: 12, bottom: 0, left: 0 }}>
          <CartesianGrid stroke="var(--mantine-color-default-border)" vertical={false} />
          <XAxis
            dataKey="blockNumber"
            type="number"
            domain={["dataMin", "dataMax"]}
            tick={{ fontSize: 12, fill: "var(--mantine-color-dimmed)" }}
          />
          <YAxis
            width={48}
            tickFormatter={(value: number) => compact.format(value)}
            tick={{ fontSize: 12, fill: "var(--mantine-color-dimmed)" }}
          />
          <Tooltip
            formatter={(value) => `${number.format(Number(value))} ${currency?.code ?? ""}`}
            labelFormatter={(block) => t("block", { number: number.format(Number(block)) })}
            contentStyle={{
              background: "var(--mantine-color-body)",
              borderColor: "var(--mantine-color-default-border)",
              color: "var(--mantine-color-text)",
            }}
          />
          <Legend formatter={(name) => <span style={{ color: "var(--mantine-color-text)" }}>{name}</span>} />
          <Line
            type="stepAfter"
            dataKey="held"
            name={t("reserves.held")}
            stroke="var(--mantine-color-teal-6)"
            strokeWidth={4}
            dot={false}
            isAnimationActive={false}
          />
          <Line
            type="stepAfter"
            dataKey="supply"
            name={t("reserves.supply")}
            stroke="var(--mantine-color-orange-6)"
            strokeWidth={2}
            strokeDasharray="6 4"
            dot={false}
            isAnimationActive={false}
          />
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}
