import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { formatAmount } from "../../../sdk/amounts.ts";
import type { AccountView, CurrencyView } from "../../../sdk/client.ts";
import { useNetwork } from "../../app/network.ts";
import { Amount } from "../../parts/amount.tsx";
import { availableOf, readRecipient, readWithdrawalAmount } from "./withdrawal.ts";

export interface WithdrawalWish {
  /** Checksummed. */
  readonly to: string;
  readonly amount: bigint;
}

interface Props {
  readonly account: AccountView;
  readonly currency: CurrencyView;
  readonly fee: bigint;
  readonly onReady: (wish: WithdrawalWish) => void;
}

/** Where and how much. */
export function WithdrawalForm({ account, currency, fee, onReady }: Props) {
  const { t } = useTranslation("merchant");
  const network = useNetwork();
  const [to, setTo] = useState(account.owner);
  const [amount, setAmount] = useState("");
  const [isTried, setTried] = useState(false);
  const available = availableOf(account);
  const recipient = readRecipient(to, network);
  const wanted = readWithdrawalAmount(amount, { available, fee, decimals: currency.decimals });

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setTried(true);
    if ("address" in recipient && "amount" in wanted) onReady({ to: recipient.address, amount: wanted.amount });
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={t("balances.to")}
          description={t("balances.toHint")}
          value={to}
          onChange={(event) => {
            setTo(event.currentTarget.value);
          }}
          error={isTried && "fault" in recipient && t(`balances.recipientFaults.${recipient.fault}`)}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8rem" } }}
          autoComplete="off"
          spellCheck={false}
        />
        <TextInput
          label={t("balances.amountIn", { code: currency.code })}
          value={amount}
          inputMode="decimal"
          autoComplete="off"
          onChange={(event) => {
            setAmount(event.currentTarget.value);
          }}
          error={isTried && "fault" in wanted && t(`balances.amountFaults.${wanted.fault}`)}
          rightSectionWidth="5rem"
          rightSection={
            <Button
              variant="subtle"
              size="compact-sm"
              onClick={() => {
                setAmount(formatAmount(available, currency.decimals));
              }}
            >
              {t("balances.all")}
            </Button>
          }
        />
        <Text size="sm" c="dimmed">
          {t("balances.available")}: <Amount token={currency.token} value={available} />
          <br />
          {t("balances.fee")}: <Amount token={currency.token} value={fee} />
        </Text>
        <Group justify="flex-end">
          <Button type="submit">{t("balances.review")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
