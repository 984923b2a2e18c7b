import { Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { EndpointCard } from "./endpoint-card.tsx";
import { EndpointForm } from "./endpoint-form.tsx";
import { SecretShown } from "./secret-shown.tsx";

/** Where she is told of events. */
export function EndpointList() {
  const { t } = useTranslation("merchant");
  const [isMaking, { open, close }] = useDisclosure(false);
  const [secret, setSecret] = useState<string>();
  const { data, error, isPending } = useQuery({ queryKey: ["endpoints"], queryFn: () => client.webhooks.list() });
  return (
    <Stack component="section" gap="md">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t("developers.endpoints")}
        </Title>
        <Button variant="light" onClick={open}>
          {t("developers.makeEndpoint")}
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {t("developers.endpointsHint")}
      </Text>
      {isPending && <Skeleton h={80} />}
      {error !== null && <FailureAlert error={error} />}
      {data?.length === 0 && <Text>{t("developers.noEndpoints")}</Text>}
      {data?.map((endpoint) => (
        <EndpointCard key={endpoint.id} endpoint={endpoint} onSecret={setSecret} />
      ))}
      {isMaking && <EndpointForm onClose={close} onSecret={setSecret} />}
      <SecretShown
        title={t("developers.newSecret")}
        secret={secret}
        onDone={() => {
          setSecret(undefined);
        }}
      />
    </Stack>
  );
}
