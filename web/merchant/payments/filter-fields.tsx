import { NativeSelect, SimpleGrid, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { HOLD_STATUSES } from "../../../sdk/hold.ts";
import { PAYMENT_STATES } from "../../../sdk/payment.ts";
import { useNetwork } from "../../app/network.ts";
import { filterMistakes, type PaymentFilter } from "./payment-filter.ts";

interface Props {
  readonly filter: PaymentFilter;
  readonly onChange: (filter: PaymentFilter) => void;
}

export function FilterFields({ filter, onChange }: Props) {
  const { t } = useTranslation("merchant");
  const { currencies } = useNetwork();
  const mistakes = filterMistakes(filter);
  const field = (name: keyof PaymentFilter) => ({
    label: t(`payments.filters.${name}`),
    value: filter[name],
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      onChange({ ...filter, [name]: value });
    },
    ...(mistakes.some((mistake) => mistake === name) ? { error: t("payments.filters.mistake") } : {}),
  });
  const any = { value: "", label: t("payments.filters.any") };
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm">
      <NativeSelect
        {...field("state")}
        data={[any, ...PAYMENT_STATES.map((value) => ({ value, label: t(`payments.states.${value}`) }))]}
      />
      <NativeSelect
        {...field("hold")}
        data={[
          any,
          ...HOLD_STATUSES.filter((status) => status !== "none").map((value) => {
            return { value, label: t(`payments.holds.${value}`) };
          }),
        ]}
      />
      <NativeSelect
        {...field("token")}
        data={[any, ...currencies.map(({ token, code }) => ({ value: token, label: code }))]}
      />
      <TextInput {...field("payer")} spellCheck={false} />
      <TextInput type="date" {...field("from")} />
      <TextInput type="date" {...field("to")} />
      <TextInput {...field("request")} spellCheck={false} />
      <TextInput {...field("memo")} spellCheck={false} />
    </SimpleGrid>
  );
}
