import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { EVENT_TYPES, type WebhookEndpointView } from "../../../sdk/webhooks.ts";
import { client } from "../../app/client.ts";
import { FailureAlert } from "../frame/failure-alert.tsx";
import { chosenTypes, isEndpointUrl, typeText } from "./endpoint-choices.ts";

interface Props {
  /** What is changed; without one, an endpoint is made. */
  readonly endpoint?: WebhookEndpointView;
  readonly onClose: () => void;
  readonly onSecret: (secret: string) => void;
}

/** Makes or changes an endpoint. */
export function EndpointForm({ endpoint, onClose, onSecret }: Props) {
  const { t } = useTranslation("merchant");
  const queries = useQueryClient();
  const [url, setUrl] = useState(endpoint?.url ?? "");
  const [types, setTypes] = useState<string[]>([...(endpoint?.eventTypes ?? EVENT_TYPES)]);
  const [isTried, setTried] = useState(false);
  const saving = useMutation({
    mutationFn: async () => {
      const wish = { url: url.trim(), eventTypes: chosenTypes(types) };
      if (endpoint !== undefined) await client.webhooks.change(endpoint.id, wish);
      else onSecret((await client.webhooks.create(wish)).secret);
    },
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries({ queryKey: ["endpoints"] });
    },
  });
  const isUrl = isEndpointUrl(url);

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setTried(true);
    if (isUrl && types.length > 0) saving.mutate();
  };

  const title = t(endpoint === undefined ? "developers.makeEndpoint" : "developers.changeEndpoint");
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t("developers.cancel") }}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={t("developers.url")}
            description={t("developers.urlHint")}
            type="url"
            value={url}
            maxLength={2_048}
            onChange={(event) => {
              setUrl(event.currentTarget.value);
            }}
            error={isTried && !isUrl && t("developers.urlWrong")}
            data-autofocus
          />
          <Checkbox.Group
            label={t("developers.types")}
            value={types}
            onChange={setTypes}
            error={isTried && types.length === 0 && t("developers.typeMissing")}
          >
            <Stack gap="xs" my="xs">
              {EVENT_TYPES.map((type) => (
                <Checkbox
                  key={type}
                  value={type}
                  label={t(`developers.eventTypes.${typeText(type)}`)}
                  description={type}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          {saving.error !== null && <FailureAlert error={saving.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={saving.isPending}>
              {t(endpoint === undefined ? "developers.make" : "developers.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
