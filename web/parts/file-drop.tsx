import { Button, FileButton, Paper, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** Takes a file that is dropped or chosen. @param hint What becomes of it: whether it leaves the browser. */
export function FileDrop({
  label,
  hint,
  accept,
  file,
  onFile,
}: {
  label: string;
  hint: string;
  accept?: string;
  file: File | undefined;
  onFile: (file: File) => void;
}) {
  const { t } = useTranslation("common");
  const [isOver, setOver] = useState(false);
  return (
    <Paper
      withBorder
      p="lg"
      style={{ borderStyle: "dashed", borderColor: isOver ? "var(--mantine-primary-color-filled)" : undefined }}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [dropped] = event.dataTransfer.files;
        if (dropped !== undefined) onFile(dropped);
      }}
    >
      <Stack align="center" gap="xs">
        <Text ta="center" role="status" style={{ overflowWrap: "anywhere" }}>
          {file === undefined ? label : t("file.chosen", { name: file.name })}
        </Text>
        <FileButton
          onChange={(chosen) => {
            if (chosen !== null) onFile(chosen);
          }}
          {...(accept === undefined ? {} : { accept })}
          inputProps={{ "aria-label": label }}
        >
          {(props) => (
            <Button variant="default" {...props}>
              {t("file.choose")}
            </Button>
          )}
        </FileButton>
        <Text size="xs" c="dimmed" ta="center">
          {hint}
        </Text>
      </Stack>
    </Paper>
  );
}
