import { Anchor, Card, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ZeroAddress } from "ethers";
import { useTranslation } from "react-i18next";

import type { PaymentView, TermsView } from "../../../sdk/client.ts";
import { Amount } from "../../parts/amount.tsx";
import { HexText } from "../../parts/hex-text.tsx";
import { TimeText } from "../../parts/time-text.tsx";
import { FactList } from "./fact-list.tsx";

/** Who paid what, at which rate, and what is held of it. */
export function PaymentFacts({ payment }: { payment: PaymentView }) {
  const { t } = useTranslation("merchant");
  const { exchange, hold, terms } = payment;
  return (
    <Card withBorder component="section">
      <Title order={2} size="h4" mb="xs">
        {t("payments.facts.title")}
      </Title>
      <FactList
        facts={[
          [t("payments.payer"), <HexText key="payer" value={payment.payer} />],
          ...(exchange === null ? [] : exchangeFacts(payment, exchange, t)),
          ...(hold === null
            ? []
            : ([
                [t("payments.facts.hold"), t(`payments.holds.${hold.status}`)],
                [t("payments.facts.held"), <Amount key="held" token={hold.token} value={hold.held} />],
                [t("payments.facts.captured"), <Amount key="captured" token={hold.token} value={hold.captured} />],
                [t("payments.facts.refunded"), <Amount key="refunded" token={hold.token} value={hold.refunded} />],
              ] as const)),
          ...(terms === null ? [] : termFacts(terms, t)),
          [
            t("payments.facts.memo"),
            <HexText
              key="memo"
              value={terms?.memo ?? exchange?.memo ?? payment.memo}
              what={t("payments.facts.memo")}
            />,
          ],
          ...(payment.requestId === null
            ? []
            : ([[t("payments.facts.request"), <RequestLink key="request" id={payment.requestId} />]] as const)),
        ]}
      />
    </Card>
  );
}

type Translate = ReturnType<typeof useTranslation<"merchant">>["t"];

function exchangeFacts(payment: PaymentView, exchange: NonNullable<PaymentView["exchange"]>, t: Translate) {
  const { rate, settleToken } = exchange;
  return [
    [t("payments.facts.paid"), <Amount key="paid" token={payment.token} value={exchange.paid ?? exchange.cost} />],
    [
      t("payments.facts.rate"),
      <span key="rate">
        <Amount token={payment.token} value={rate.payAmount} /> →{" "}
        <Amount token={settleToken} value={rate.settleAmount} />
      </span>,
    ],
    ...(exchange.fee === null
      ? []
      : [[t("payments.facts.fee"), <Amount key="fee" token={settleToken} value={exchange.fee} />] as const]),
    ...(exchange.refundRule === null
      ? []
      : [[t("payments.facts.refundRule"), t(`payments.rules.${exchange.refundRule}`)] as const]),
  ] as const;
}

function termFacts(terms: TermsView, t: Translate) {
  return [
    [t("payments.facts.captureDeadline"), <TimeText key="capture" at={terms.captureDeadline} />],
    [
      t("payments.facts.refundDeadline"),
      terms.refundDeadline === "0" ? t("payments.facts.never") : <TimeText key="refund" at={terms.refundDeadline} />,
    ],
    [
      t("payments.facts.arbiter"),
      terms.arbiter === ZeroAddress ? t("payments.facts.nobody") : <HexText key="arbiter" value={terms.arbiter} />,
    ],
    ...terms.splits.map(
      ({ recipient, shareBps }) =>
        [t("payments.facts.split", { share: shareBps / 100 }), <HexText key={recipient} value={recipient} />] as const,
    ),
  ] as const;
}

function RequestLink({ id }: { id: string }) {
  return (
    <Anchor
      inherit
      ff="monospace"
      renderRoot={(props) => <Link {...props} to="/merchant/requests/$requestId" params={{ requestId: id }} />}
    >
      {id}
    </Anchor>
  );
}
