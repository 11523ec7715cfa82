# docker build -t latchkey .
# docker run --init -v latchkey:/data -e LATCHKEY_HTTP_INSECURE=true -p 127.0.0.1:8080:8080 latchkey
#
# Beyond loopback, plain http has to be asked for: LATCHKEY_HTTP_INSECURE=true, or LATCHKEY_TRUSTED_PROXIES where a proxy
# in front speaks TLS. Neither is set here; without them, `serve` says so and stops. Better: https, with a configuration
# of your own (docs/containers.md).
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-bookworm-slim AS production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force
# What is in it, by name, version and checksum (docs/containers.md). `--omit dev` would leave out what is needed for
# development, too, and ask for what is not installed.
RUN npm pkg delete devDependencies && npm sbom --sbom-format cyclonedx --sbom-type application > sbom.cdx.json

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Latchkey" \
	org.opencontainers.image.description="A login and session service" \
	org.opencontainers.image.version="0.1.0" \
	org.opencontainers.image.licenses="MIT"
# No setting stands here: variables would win over a mounted configuration, and nobody would see why.
ENV NODE_ENV=production \
	LATCHKEY_CONFIG=/etc/latchkey/latchkey.yaml
COPY .ci/container.yaml /etc/latchkey/latchkey.yaml
WORKDIR /app
COPY --from=production /app/node_modules node_modules
COPY --from=production /app/sbom.cdx.json sbom.cdx.json
COPY --from=build /app/dist dist
COPY package.json openapi.yaml LICENSE ./
COPY src/launcher.js src/launcher.js
# No VOLUME: each container would leave one without a name behind.
RUN install -d -o 1000 -g 1000 -m 700 /data && ln -s /app/src/launcher.js /usr/local/bin/latchkey
# Whose store paths count from here: `data/latchkey.db` is /data/latchkey.db.
WORKDIR /
# The image's own unprivileged user, as a number, so that Kubernetes' `runAsNonRoot` can see that it is. With it,
# `docker exec … latchkey identity add NAME` writes what the server reads.
USER 1000:1000
EXPOSE 8080 8443
# Whether it lives: a store that is away does not get better when the service starts anew.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["latchkey", "health"]
ENTRYPOINT ["latchkey"]
CMD ["serve"]
