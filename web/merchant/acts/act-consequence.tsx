import { Alert, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { PaymentView } from "../../../sdk/client.ts";
import { findCurrency, useNetwork } from "../../app/network.ts";
import { showAmount } from "../../parts/show-amount.ts";
import { readTime } from "../../parts/time-text.tsx";
import type { PossibleAct } from "./possible-acts.ts";

interface Props {
  readonly payment: PaymentView;
  readonly act: PossibleAct;
  /** Undefined while it is not a good one. */
  readonly amount: bigint | undefined;
}

/** What an act does to the money, in plain words, before it is signed. */
export function ActConsequence({ payment, act, amount }: Props) {
  const { t, i18n } = useTranslation("merchant");
  const network = useNetwork();
  const language = i18n.resolvedLanguage ?? "en";
  const token = payment.hold?.token ?? payment.token;
  const show = (value: bigint): string => showAmount(value, findCurrency(network, token), language, token);
  const time = (at: bigint): string =>
    new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(readTime(at));
  const sentences = (): readonly string[] => {
    switch (act.verb) {
      case "capture": {
        if (amount === undefined) return [];
        const left = act.most - amount;
        return [
          t("acts.consequence.capture", { amount: show(amount) }),
          ...(payment.terms?.splits.length === 0 ? [] : [t("acts.consequence.splits")]),
          left === 0n
            ? t("acts.consequence.nothingHeld")
            : t("acts.consequence.rest", { amount: show(left), until: time(act.until) }),
        ];
      }
      case "void":
        return [t("acts.consequence.void", { amount: show(act.returns) })];
      case "refund":
        return amount === undefined ? [] : [t("acts.consequence.refund", { amount: show(amount) })];
      case "dispute":
        return [t("acts.consequence.dispute", { amount: show(BigInt(payment.hold?.held ?? "0")) })];
      case "evidence":
        return [t("acts.consequence.evidence")];
    }
  };
  const said = sentences();
  if (said.length === 0) return null;
  return (
    <Alert color="blue" title={t("acts.consequence.title")}>
      {said.map((sentence) => (
        <Text key={sentence} size="sm">
          {sentence}
        </Text>
      ))}
    </Alert>
  );
}
