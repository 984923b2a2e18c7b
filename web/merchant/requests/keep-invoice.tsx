import { Alert, Anchor, Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { PaymentRequestView } from "../../../sdk/client.ts";
import { saveFile } from "../../parts/save-file.ts";
import { type Invoice, saltFile } from "./invoice.ts";

/** After a request was made: its salt is nowhere else, so it is offered before anything else. */
export function KeepInvoice({ invoice, request }: { invoice: Invoice; request: PaymentRequestView }) {
  const { t } = useTranslation("merchant");
  const [isSaved, setSaved] = useState(false);
  useEffect(() => {
    if (isSaved) return undefined;
    const ask = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => {
      window.removeEventListener("beforeunload", ask);
    };
  }, [isSaved]);
  return (
    <Stack maw={640}>
      <Title order={1}>{t("requests.created")}</Title>
      <Alert color="yellow" title={t("requests.keep.title")}>
        <Stack gap="sm">
          <Text size="sm">{t("requests.keep.why")}</Text>
          <Text size="sm">{t("requests.keep.once")}</Text>
          {invoice.document === null && <Text size="sm">{t("requests.keep.ownFile", { file: invoice.fileName })}</Text>}
          <Group gap="xs">
            <Button
              leftSection={<IconDownload size="1rem" aria-hidden />}
              onClick={() => {
                saveFile(`salt-${request.id}.json`, "application/json", saltFile(invoice, request.id));
                setSaved(true);
              }}
            >
              {t("requests.keep.salt")}
            </Button>
            {invoice.document !== null && (
              <Button
                variant="default"
                leftSection={<IconDownload size="1rem" aria-hidden />}
                onClick={() => {
                  saveFile(`invoice-${request.id}.json`, "application/json", invoice.document ?? "");
                }}
              >
                {t("requests.keep.invoice")}
              </Button>
            )}
          </Group>
        </Stack>
      </Alert>
      <Anchor
        renderRoot={(props) => (
          <Link {...props} to="/merchant/requests/$requestId" params={{ requestId: request.id }} />
        )}
      >
        {t(isSaved ? "requests.toRequest" : "requests.toRequestUnsaved")}
      </Anchor>
    </Stack>
  );
}
