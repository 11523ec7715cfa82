# docker build -t latchkey . && docker run --rm -v latchkey:/data -e LATCHKEY_HTTP_INSECURE=true -p 127.0.0.1:8080:8080 latchkey
#
# Beyond loopback, plain http has to be asked for: LATCHKEY_HTTP_INSECURE=true, or LATCHKEY_TRUSTED_PROXIES where a proxy
# in front speaks TLS. Neither is set here; without them, `serve` says so and stops. Better: https, with certificates
# mounted and named in a file: docker run … latchkey serve --config /etc/latchkey.yaml
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

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
	LATCHKEY_HTTP_HOST=0.0.0.0 \
	LATCHKEY_STORE_IDENTITIES=sqlite:/data/latchkey.db \
	LATCHKEY_STORE_SESSIONS=sqlite:/data/latchkey.db
WORKDIR /app
COPY --from=production /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json openapi.yaml* LICENSE ./
COPY src/launcher.js src/launcher.js
RUN mkdir /data && chown node:node /data && ln -s /app/src/launcher.js /usr/local/bin/latchkey
# The image's own unprivileged one. With it, `docker exec … latchkey identity add NAME` writes what the server reads.
USER node
VOLUME /data
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "-e", \
	"fetch(`http://127.0.0.1:${process.env.LATCHKEY_HTTP_PORT ?? 8080}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["latchkey"]
CMD ["serve"]
