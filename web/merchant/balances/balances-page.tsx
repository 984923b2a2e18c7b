import { SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { CurrencyView } from "../../../sdk/client.ts";
import { client } from "../../app/client.ts";
import { useNetwork } from "../../app/network.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { useMerchant } from "../frame/merchant-context.ts";
import { AccountCard } from "./account-card.tsx";
import { InstructionList } from "./instruction-list.tsx";

/** What a merchant has, and how she takes it out. */
export function BalancesPage() {
  const { t } = useTranslation("merchant");
  const { currencies } = useNetwork();
  return (
    <Stack gap="xl">
      <Stack gap={4}>
        <Title order={1}>{t("frame.pages.balances")}</Title>
        <Text c="dimmed">{t("balances.lead")}</Text>
      </Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        {currencies.map((currency) => (
          <Account key={currency.token} currency={currency} />
        ))}
      </SimpleGrid>
      <InstructionList />
    </Stack>
  );
}

function Account({ currency }: { currency: CurrencyView }) {
  const { address } = useMerchant();
  const { data, error } = useQuery({
    queryKey: ["account", address, currency.token],
    queryFn: () => client.account(address, currency.token),
    refetchInterval: 5_000,
  });
  if (data !== undefined) return <AccountCard account={data} currency={currency} />;
  return error === null ? <Skeleton h={200} /> : <FailureAlert error={error} title={currency.code} />;
}
