import { Box, Button, Collapse, Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  readonly label: string;
  /** The drawing, which nobody needs to see: the table says the same. */
  readonly children: ReactNode;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly key: number; readonly cells: readonly ReactNode[] }[];
}

/** A chart, and the same as a table for whoever wants numbers or cannot see it. */
export function ChartFigure({ label, children, columns, rows }: Props) {
  const { t } = useTranslation("merchant");
  const [isShown, { toggle }] = useDisclosure(false);
  return (
    <Box>
      <Box role="img" aria-label={label} h={180}>
        {children}
      </Box>
      <Button variant="subtle" size="compact-xs" aria-expanded={isShown} onClick={toggle}>
        {t(isShown ? "overview.hideTable" : "overview.showTable")}
      </Button>
      <Collapse expanded={isShown}>
        {isShown && (
          <Table fz="sm" aria-label={label}>
            <Table.Thead>
              <Table.Tr>
                {columns.map((column, index) => (
                  <Table.Th key={column} ta={index === 0 ? "left" : "right"}>
                    {column}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ key, cells }) => (
                <Table.Tr key={key}>
                  {cells.map((cell, index) => (
                    <Table.Td key={columns[index]} ta={index === 0 ? "left" : "right"}>
                      {cell}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </Collapse>
    </Box>
  );
}
