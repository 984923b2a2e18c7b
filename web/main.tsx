import "@mantine/core/styles.css";
import "./app/app.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { startLanguages } from "./app/languages.ts";
import { Providers } from "./app/providers.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("The document has no root");
await startLanguages();
createRoot(root).render(
  <StrictMode>
    <Providers />
  </StrictMode>,
);
