import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../../app/network.ts";
import { saveFile } from "../../parts/save-file.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { allPayments } from "./all-payments.ts";
import { paymentsCsv, paymentsJson } from "./export-payments.ts";

/** Saves all payments that match, not only those on screen. */
export function ExportMenu({ query }: { query: Readonly<Record<string, string>> }) {
  const { t } = useTranslation("merchant");
  const { currencies } = useNetwork();
  const [count, setCount] = useState(0);
  const save = useMutation({
    mutationFn: async (format: "csv" | "json") => {
      setCount(0);
      const payments = await allPayments(query, setCount);
      const name = `payments-${new Date().toISOString().slice(0, 10)}.${format}`;
      if (format === "csv") saveFile(name, "text/csv;charset=utf-8", paymentsCsv(payments, currencies));
      else saveFile(name, "application/json", paymentsJson(payments));
    },
  });
  return (
    <>
      <Group gap="xs">
        {(["csv", "json"] as const).map((format) => (
          <Button
            key={format}
            variant="default"
            leftSection={<IconDownload size="1rem" aria-hidden />}
            loading={save.isPending && save.variables === format}
            disabled={save.isPending}
            onClick={() => {
              save.mutate(format);
            }}
          >
            {t(`payments.export.${format}`)}
          </Button>
        ))}
        <span role="status">{save.isPending ? t("payments.export.read", { count }) : ""}</span>
      </Group>
      {save.error !== null && <FailureAlert error={save.error} title={t("payments.export.failed")} />}
    </>
  );
}
