import { Button, FileInput, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { PaymentView } from "../../../sdk/client.ts";
import { formatAmount } from "../../../sdk/amounts.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";
import { readAmount } from "../../parts/show-amount.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { ActConsequence } from "./act-consequence.tsx";
import type { PossibleAct } from "./possible-acts.ts";
import { RefundAllowance } from "./refund-allowance.tsx";
import type { Wish } from "./use-act.ts";

interface Props {
  readonly payment: PaymentView;
  readonly act: PossibleAct;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSign: (wish: Wish) => void;
  readonly onClose: () => void;
}

/** What the relayer keeps for the parties. */
const MAX_DOCUMENT = 256 * 1_024;

/** Asks how much, or for the document; says what will happen to the money; then it is signed. */
export function ActDialog({ payment, act, isBusy, error, onSign, onClose }: Props) {
  const { t } = useTranslation("merchant");
  const network = useNetwork();
  const token = payment.hold?.token ?? payment.token;
  const decimals = findCurrency(network, token)?.decimals ?? 0;
  const most = "most" in act ? act.most : 0n;
  const [text, setText] = useState(formatAmount(most, decimals));
  const [file, setFile] = useState<File | null>(null);
  const [canRefund, setCanRefund] = useState(act.verb !== "refund");
  const amount = readAmount(text, decimals);
  const isAmountGood = amount !== undefined && amount <= most;
  const isFileGood = file !== null && file.size > 0 && file.size <= MAX_DOCUMENT;
  const wish = readWish(act, isAmountGood ? amount : undefined, isFileGood ? file : null);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`acts.verbs.${act.verb}`)}
      closeOnClickOutside={!isBusy}
      closeButtonProps={{ "aria-label": t("acts.cancel") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (wish !== undefined && canRefund) onSign(wish);
        }}
      >
        <Stack>
          {"most" in act && (
            <TextInput
              label={t("acts.amount", { code: findCurrency(network, token)?.code ?? token })}
              inputMode="decimal"
              data-autofocus
              value={text}
              error={isAmountGood ? undefined : t("acts.amountMistake", { most: formatAmount(most, decimals) })}
              onChange={({ currentTarget: { value } }) => {
                setText(value);
              }}
            />
          )}
          {(act.verb === "dispute" || act.verb === "evidence") && (
            <FileInput
              label={t("acts.document")}
              description={t("acts.documentHint")}
              placeholder={t("acts.chooseFile")}
              value={file}
              onChange={setFile}
              error={file === null || isFileGood ? undefined : t("acts.documentMistake")}
              clearable
              clearButtonProps={{ "aria-label": t("acts.removeFile") }}
            />
          )}
          <ActConsequence payment={payment} act={act} amount={isAmountGood ? amount : undefined} />
          {act.verb === "refund" && isAmountGood && (
            <RefundAllowance token={token} amount={amount} most={most} onKnown={setCanRefund} />
          )}
          {error !== null && <FailureAlert error={error} />}
          <Group justify="flex-end">
            <Button variant="default" disabled={isBusy} onClick={onClose}>
              {t("acts.cancel")}
            </Button>
            <Button type="submit" loading={isBusy} disabled={wish === undefined || !canRefund}>
              {t("acts.sign")}
            </Button>
          </Group>
          <Text size="sm" role="status" c="dimmed">
            {isBusy ? t("acts.waiting") : ""}
          </Text>
        </Stack>
      </form>
    </Modal>
  );
}

/** @returns undefined while something is missing. */
function readWish({ verb }: PossibleAct, amount: bigint | undefined, document: File | null): Wish | undefined {
  switch (verb) {
    case "void":
      return { verb };
    case "capture":
    case "refund":
      return amount === undefined ? undefined : { verb, amount };
    case "dispute":
    case "evidence":
      return document === null ? undefined : { verb, document };
  }
}
