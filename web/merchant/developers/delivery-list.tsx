import { Badge, Button, Group, NativeSelect, Skeleton, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import {
  DELIVERY_STATES,
  type DeliveryState,
  type DeliveryView,
  type WebhookEndpointView,
} from "../../../sdk/webhooks.ts";
import { client } from "../../app/client.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { typeText } from "./endpoint-choices.ts";
import { ReplayForm } from "./replay-form.tsx";

const COLORS: Readonly<Record<DeliveryState, string>> = { pending: "blue", delivered: "teal", dead: "red" };

/** What became of an endpoint's messages. */
export function DeliveryList({ endpoint }: { endpoint: WebhookEndpointView }) {
  const { t } = useTranslation("merchant");
  const [state, setState] = useState("");
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ["deliveries", endpoint.id, state],
    queryFn: ({ pageParam }) =>
      client.webhooks.deliveries(endpoint.id, {
        limit: "20",
        ...(state === "" ? {} : { state }),
        ...(pageParam === "" ? {} : { cursor: pageParam }),
      }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    refetchInterval: 3_000,
  });
  const deliveries = data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <Stack gap="sm" pt="sm">
      <Group align="end" justify="space-between">
        <NativeSelect
          size="xs"
          label={t("developers.messages")}
          value={state}
          onChange={(event) => {
            setState(event.currentTarget.value);
          }}
          data={[
            { value: "", label: t("developers.everyState") },
            ...DELIVERY_STATES.map((value) => ({ value, label: t(`developers.deliveryStates.${value}`) })),
          ]}
        />
        {endpoint.enabled && <ReplayForm endpointId={endpoint.id} />}
      </Group>
      {isPending && <Skeleton h={60} />}
      {error !== null && <FailureAlert error={error} />}
      {data !== undefined && deliveries.length === 0 && <Text size="sm">{t("developers.noMessages")}</Text>}
      {deliveries.map((delivery) => (
        <Delivery key={delivery.eventId} endpoint={endpoint} delivery={delivery} />
      ))}
      {hasNextPage && (
        <Button size="compact-sm" variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t("developers.more")}
        </Button>
      )}
    </Stack>
  );
}

function Delivery({ endpoint, delivery }: { endpoint: WebhookEndpointView; delivery: DeliveryView }) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const { eventId, type, state, attempts, createdAt, lastStatus, lastError, nextAttemptAt } = delivery;
  const replaying = useMutation({
    mutationFn: () => client.webhooks.replay(endpoint.id, eventId),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["deliveries", endpoint.id] }),
  });
  return (
    <Stack gap={4} pt="xs" style={{ borderTop: "1px solid var(--mantine-color-default-border)" }}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Text size="sm" fw={600}>
            {t(`developers.eventTypes.${typeText(type)}`, { defaultValue: type })}
          </Text>
          <Badge variant="light" color={COLORS[state]}>
            {t(`developers.deliveryStates.${state}`)}
          </Badge>
        </Group>
        {endpoint.enabled && (
          <Button
            size="compact-xs"
            variant="default"
            loading={replaying.isPending}
            onClick={() => {
              replaying.mutate();
            }}
          >
            {t("developers.replay")}
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        <TimeText at={createdAt} /> · {t("developers.attempts", { count: attempts })}
        {lastStatus !== null && ` · HTTP ${lastStatus}`}
        {lastError !== null && ` · ${lastError}`}
      </Text>
      {nextAttemptAt !== null && (
        <Text size="xs" c="dimmed">
          {t("developers.nextAttempt")} <TimeText at={nextAttemptAt} />
        </Text>
      )}
      {replaying.error !== null && <FailureAlert error={replaying.error} />}
    </Stack>
  );
}
