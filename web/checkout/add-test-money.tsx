import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { useNetwork } from "../app/network.ts";

/** Of a demonstration: enough test money for this and the next purchases. */
export function AddTestMoney({ owner, token, atLeast }: { owner: string; token: string; atLeast: bigint }) {
  const { t } = useTranslation("checkout");
  const { demo, rpcUrl, ledger } = useNetwork();
  const queries = useQueryClient();
  const give = useMutation({
    mutationFn: async () => {
      if (demo === null || rpcUrl === null) return;
      const { giveTestMoney } = await import("../wallets/demo-bank.ts");
      await giveTestMoney({ rpcUrl, bank: demo.bank, ledger }, owner, token, atLeast * 10n);
      await queries.invalidateQueries({ queryKey: ["account", owner] });
    },
  });
  return (
    <Button
      mt="sm"
      variant="default"
      loading={give.isPending}
      onClick={() => {
        give.mutate();
      }}
    >
      {give.isError ? t("from.short.failed") : t("from.short.give")}
    </Button>
  );
}
