import { Button, Chip, Group, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { CATEGORIES, type Category } from "../../../sdk/reconcile/match.ts";
import type { Reconciliation } from "../../../sdk/reconcile/reconciliation.ts";
import { reconciliationCsv } from "../../../sdk/reconcile/reconciliation-csv.ts";
import { useNetwork } from "../../app/network.ts";
import { saveFile } from "../../parts/save-file.ts";
import { ReconciledLines } from "./reconciled-lines.tsx";
import { ReconciledTotalsTable } from "./reconciled-totals-table.tsx";

const STEP = 50;

/** What came of a file: by currency, then line by line, one category at a time. */
export function ReconciliationResult({ result }: { result: Reconciliation }) {
  const { t } = useTranslation("merchant");
  const { currencies } = useNetwork();
  const counts = new Map<Category, number>();
  for (const { category } of result.lines) counts.set(category, (counts.get(category) ?? 0) + 1);
  // What asks for something to be done comes first.
  const worst = CATEGORIES.find((category) => category !== "matched" && counts.has(category)) ?? "matched";
  const [category, setCategory] = useState<Category>(worst);
  const [shown, setShown] = useState(STEP);
  const lines = result.lines.filter((line) => line.category === category);
  const save = (format: "csv" | "json"): void => {
    const name = `reconciliation-${new Date().toISOString().slice(0, 10)}.${format}`;
    if (format === "json") saveFile(name, "application/json", `${JSON.stringify(result, null, 2)}\n`);
    else saveFile(name, "text/csv;charset=utf-8", [...reconciliationCsv(result.lines, currencies)].join(""));
  };
  return (
    <Stack gap="lg">
      <Stack component="section" gap="xs">
        <Title order={2} size="h3">
          {t("reconciliation.totals")}
        </Title>
        <ReconciledTotalsTable totals={result.totals} />
      </Stack>
      <Stack component="section" gap="sm">
        <Title order={2} size="h3">
          {t("reconciliation.lines")}
        </Title>
        <Chip.Group
          value={category}
          onChange={(value) => {
            setCategory(CATEGORIES.find((known) => known === value) ?? worst);
            setShown(STEP);
          }}
        >
          <Group gap="xs" role="radiogroup" aria-label={t("reconciliation.shown")}>
            {CATEGORIES.map((value) => (
              <Chip key={value} value={value} size="sm">
                {t("reconciliation.category", {
                  name: t(`reconciliation.categories.${value}`),
                  count: counts.get(value) ?? 0,
                })}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        {lines.length === 0 ? (
          <Text c="dimmed">{t("reconciliation.none")}</Text>
        ) : (
          <ReconciledLines lines={lines.slice(0, shown)} />
        )}
        {lines.length > shown && (
          <Button
            variant="default"
            mx="auto"
            onClick={() => {
              setShown(shown + STEP);
            }}
          >
            {t("reconciliation.more")}
          </Button>
        )}
      </Stack>
      <Group gap="xs">
        {(["csv", "json"] as const).map((format) => (
          <Button
            key={format}
            variant="default"
            leftSection={<IconDownload size="1rem" aria-hidden />}
            onClick={() => {
              save(format);
            }}
          >
            {t(`reconciliation.${format}`)}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}
