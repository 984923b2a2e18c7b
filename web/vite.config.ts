import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [react()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // Every browser of that age preloads modules itself.
    modulePreload: { polyfill: false },
    // The content security policy lets no data: URL be a script or a font.
    assetsInlineLimit: 0,
  },
});
