import { Button, Card, Collapse, Group, Stack, TextInput, Title } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { IconFilter, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { useMerchant } from "../frame/merchant-context.ts";
import { ExportMenu } from "./export-menu.tsx";
import { FilterFields } from "./filter-fields.tsx";
import { ListFooter } from "./list-footer.tsx";
import { filterMistakes, filterQuery, NO_FILTER, readPaymentId } from "./payment-filter.ts";
import { PaymentList } from "./payment-list.tsx";

export function PaymentsPage() {
  const { t } = useTranslation("merchant");
  const { address } = useMerchant();
  const [filter, setFilter] = useState(NO_FILTER);
  const [areFiltersOpen, { toggle }] = useDisclosure(false);
  const [settledFilter] = useDebouncedValue(filter, 300);
  const isSound = filterMistakes(settledFilter).length === 0;
  const query = { merchant: address, ...filterQuery(settledFilter) };
  const list = useInfiniteQuery({
    queryKey: ["payments", query],
    queryFn: ({ pageParam }) => client.payments({ ...query, ...(pageParam === "" ? {} : { cursor: pageParam }) }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    enabled: isSound,
  });
  const payments = list.data?.pages.flatMap((page) => page.payments) ?? [];
  const set = Object.values(filter).filter((value) => value !== "").length;
  return (
    <Stack>
      <Title order={1}>{t("payments.title")}</Title>
      <Group justify="space-between" align="flex-end" gap="sm">
        <Search />
        <Button
          variant={set > 0 ? "light" : "default"}
          leftSection={<IconFilter size="1rem" aria-hidden />}
          aria-expanded={areFiltersOpen}
          onClick={toggle}
        >
          {set > 0 ? t("payments.filters.set", { count: set }) : t("payments.filters.title")}
        </Button>
      </Group>
      <Collapse expanded={areFiltersOpen}>
        <Card withBorder>
          <FilterFields filter={filter} onChange={setFilter} />
          <Button
            variant="subtle"
            mt="sm"
            w="fit-content"
            disabled={set === 0}
            onClick={() => {
              setFilter(NO_FILTER);
            }}
          >
            {t("payments.filters.clear")}
          </Button>
        </Card>
      </Collapse>
      {payments.length > 0 && <PaymentList payments={payments} />}
      <ListFooter query={list} count={payments.length} empty={t(set > 0 ? "payments.noneMatch" : "payments.none")} />
      {payments.length > 0 && <ExportMenu query={query} />}
    </Stack>
  );
}

/** Opens a payment by its id. */
function Search() {
  const { t } = useTranslation("merchant");
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  const search = (event: SyntheticEvent): void => {
    event.preventDefault();
    const paymentId = readPaymentId(text);
    setWrong(paymentId === undefined);
    if (paymentId !== undefined) void navigate({ to: "/merchant/payments/$paymentId", params: { paymentId } });
  };
  return (
    <form role="search" onSubmit={search} style={{ flex: "1 1 16rem", maxWidth: "28rem" }}>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          style={{ flex: 1 }}
          label={t("payments.search")}
          value={text}
          spellCheck={false}
          error={isWrong ? t("payments.searchMistake") : undefined}
          onChange={({ currentTarget: { value } }) => {
            setText(value);
            setWrong(false);
          }}
        />
        <Button type="submit" variant="default" aria-label={t("payments.find")} px="sm">
          <IconSearch size="1rem" aria-hidden />
        </Button>
      </Group>
    </form>
  );
}
