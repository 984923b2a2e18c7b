import { Alert, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { ProblemError } from "../../../sdk/client.ts";
import { WalletError } from "../../wallets/wallet.ts";

/** Why something did not happen: the relayer's words, or what the wallet did, or that nobody answers. */
export function FailureAlert({ error, title }: { error: Error; title?: string }) {
  const { t } = useTranslation("merchant");
  const isRefused = error instanceof ProblemError;
  return (
    <Alert color="red" role="alert" title={title ?? t(isRefused ? "frame.refused" : "frame.notDone")}>
      <Text size="sm">
        {isRefused
          ? error.problem.detail
          : error instanceof WalletError
            ? t(`frame.walletFailures.${error.code}`)
            : t("frame.unreachable")}
      </Text>
      {isRefused && (
        <Text size="xs" c="dimmed">
          {error.problem.code}
        </Text>
      )}
    </Alert>
  );
}
