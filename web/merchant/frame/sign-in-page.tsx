import { Card, List, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import type { Wallet } from "../../wallets/wallet.ts";
import { FailureAlert } from "./failure-alert.tsx";
import { keepWallet } from "./kept-wallet.ts";
import { sessionQuery } from "./session.ts";
import { WalletChoice } from "./wallet-choice.tsx";

/** Signs in by a signed message (EIP-4361): no password, and nothing is paid by it. */
export function SignInPage() {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const signIn = useMutation({
    mutationFn: async (open: () => Promise<Wallet>) => {
      const wallet = await open();
      const { message } = await client.sessionChallenge(wallet.address);
      const session = await client.signIn(message, await wallet.signMessage(message));
      keepWallet(wallet);
      return session;
    },
    onSuccess: (session) => {
      queries.setQueryData(sessionQuery.queryKey, session);
    },
  });
  return (
    <Stack maw={460} mx="auto" py="lg">
      <Title order={1}>{t("signIn.title")}</Title>
      <Text>{t("signIn.lead")}</Text>
      {signIn.error !== null && <FailureAlert error={signIn.error} title={t("signIn.failed")} />}
      <Card withBorder padding="lg">
        <Text fw={600} mb="sm">
          {t("signIn.choose")}
        </Text>
        <WalletChoice
          isBusy={signIn.isPending}
          onChoose={(open) => {
            signIn.mutate(open);
          }}
        />
        <Text size="sm" mt="sm" role="status">
          {signIn.isPending ? t("signIn.confirm") : ""}
        </Text>
      </Card>
      <List size="sm" c="dimmed">
        <List.Item>{t("signIn.noPassword")}</List.Item>
        <List.Item>{t("signIn.noCost")}</List.Item>
      </List>
    </Stack>
  );
}
