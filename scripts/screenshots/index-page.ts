/** The page that shows every picture: a row a screen, light and dark, phone and desktop. @param names Of the screens. */
export function indexPage(names: readonly string[]): string {
  const columns = ["phone-light", "phone-dark", "desktop-light", "desktop-dark"];
  const rows = names.map((name) => {
    const pictures = columns.map((column) => {
      const width = column.startsWith("phone") ? 160 : 320;
      return `<img alt="${name}, ${column.replace("-", ", ")}" src="${name}-${column}.png" width="${width}">`;
    });
    return `## ${name}\n\n${pictures.join("\n")}\n`;
  });
  return `# Every screen of the console\n\nMade by \`npm run screenshots\` on a local chain.\n\n${rows.join("\n")}`;
}
