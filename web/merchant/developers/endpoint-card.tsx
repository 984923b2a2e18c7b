import { Badge, Button, Card, Collapse, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import type { WebhookEndpointView } from "../../../sdk/webhooks.ts";
import { client } from "../../app/client.ts";
import { TimeText } from "../../parts/time-text.tsx";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { Confirmation } from "./confirmation.tsx";
import { DeliveryList } from "./delivery-list.tsx";
import { typeText } from "./endpoint-choices.ts";
import { EndpointForm } from "./endpoint-form.tsx";

/** An endpoint: what it is told, how it fares, and its messages. */
export function EndpointCard({
  endpoint,
  onSecret,
}: {
  endpoint: WebhookEndpointView;
  onSecret: (secret: string) => void;
}) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const [isChanging, change] = useDisclosure(false);
  const [isDeleting, deletion] = useDisclosure(false);
  const [isShown, messages] = useDisclosure(false);
  const { id, url, enabled, disabledReason, eventTypes, failingSince } = endpoint;
  const refresh = (): Promise<unknown> =>
    Promise.all(["endpoints", "deliveries"].map((name) => queries.invalidateQueries({ queryKey: [name] })));
  const acting = useMutation({ mutationFn: (act: () => Promise<unknown>) => act(), onSuccess: refresh });
  const deleting = useMutation({
    mutationFn: () => client.webhooks.delete(id),
    onSuccess: () => {
      deletion.close();
      return refresh();
    },
  });
  const small = { size: "compact-sm", variant: "default" } as const;

  return (
    <Card withBorder padding="md">
      <Stack gap="xs">
        <Group gap="xs">
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {url}
          </Text>
          <Badge color={enabled ? "teal" : "gray"} variant="light">
            {t(enabled ? "developers.enabled" : "developers.disabled")}
          </Badge>
        </Group>
        {disabledReason !== null && <Text size="sm">{t(`developers.disabledReasons.${disabledReason}`)}</Text>}
        {failingSince !== null && (
          <Text size="sm" c="var(--mantine-color-red-text)">
            {t("developers.failingSince")} <TimeText at={failingSince} />
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {eventTypes === null
            ? t("developers.allTypes")
            : eventTypes
                .map((type) => t(`developers.eventTypes.${typeText(type)}`, { defaultValue: type }))
                .join(" · ")}
        </Text>
        <Group gap="xs">
          <Button {...small} aria-expanded={isShown} onClick={messages.toggle}>
            {t(isShown ? "developers.hideMessages" : "developers.showMessages")}
          </Button>
          {enabled && (
            <Button
              {...small}
              loading={acting.isPending}
              onClick={() => {
                acting.mutate(() => client.webhooks.test(id));
                messages.open();
              }}
            >
              {t("developers.test")}
            </Button>
          )}
          <Button {...small} onClick={change.open}>
            {t("developers.change")}
          </Button>
          <Button
            {...small}
            onClick={() => {
              acting.mutate(() => client.webhooks.change(id, { enabled: !enabled }));
            }}
          >
            {t(enabled ? "developers.disable" : "developers.enable")}
          </Button>
          <Button
            {...small}
            onClick={() => {
              acting.mutate(async () => {
                onSecret((await client.webhooks.rotateSecret(id)).secret);
              });
            }}
          >
            {t("developers.rotateSecret")}
          </Button>
          <Button size="compact-sm" variant="light" color="red" onClick={deletion.open}>
            {t("developers.delete")}
          </Button>
        </Group>
        {acting.error !== null && <FailureAlert error={acting.error} />}
        <Collapse expanded={isShown}>{isShown && <DeliveryList endpoint={endpoint} />}</Collapse>
      </Stack>
      {isChanging && <EndpointForm endpoint={endpoint} onClose={change.close} onSecret={onSecret} />}
      <Confirmation
        title={t("developers.deleteTitle")}
        text={t("developers.deleteHint", { url })}
        act={t("developers.delete")}
        isOpen={isDeleting}
        isBusy={deleting.isPending}
        error={deleting.error}
        onConfirm={() => {
          deleting.mutate();
        }}
        onClose={deletion.close}
      />
    </Card>
  );
}
