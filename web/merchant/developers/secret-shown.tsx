import { Alert, Button, Code, CopyButton, Modal, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** A secret, the one time that it can be seen. Only a press of the button ends this. */
export function SecretShown({
  title,
  secret,
  onDone,
}: {
  title: string;
  secret: string | undefined;
  onDone: () => void;
}) {
  const { t } = useTranslation("merchant");
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onDone}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t("developers.once")}>
          <Text size="sm">{t("developers.onceHint")}</Text>
        </Alert>
        <Code block style={{ whiteSpace: "pre-wrap", wordBreak: "break-all" }}>
          {secret}
        </Code>
        <CopyButton value={secret ?? ""}>
          {({ copied, copy }) => (
            <Button
              variant="light"
              leftSection={copied ? <IconCheck size="1rem" aria-hidden /> : <IconCopy size="1rem" aria-hidden />}
              onClick={copy}
            >
              {t(copied ? "developers.copied" : "developers.copy")}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t("developers.kept")}</Button>
      </Stack>
    </Modal>
  );
}
