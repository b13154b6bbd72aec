# The service in a container. Build it in a clone:   docker build -t signalbox .
#
#   docker run --init -p 127.0.0.1:8080:8080 \
#     -v signalbox-data:/var/lib/signalbox -v ./config:/etc/signalbox:ro signalbox
#
# --init: release scripts may leave processes behind, which somebody has to bury. SIGHUP takes up a changed configuration.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Nobody's scripts: not those of packages, and our own need the sources, which come after.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    SIGNALBOX_LISTEN=0.0.0.0:8080 \
    SIGNALBOX_DATA_DIR=/var/lib/signalbox
RUN groupadd --system --gid 990 signalbox \
 && useradd --system --uid 990 --gid signalbox --home-dir /var/lib/signalbox --shell /usr/sbin/nologin signalbox \
 && install -d -o signalbox -g signalbox -m 0750 /var/lib/signalbox
WORKDIR /opt/signalbox
# What they need of others is bundled.
COPY --from=build /build/bin ./bin
COPY --from=build /build/dist ./dist
RUN ln -s /opt/signalbox/bin/signalbox.js /usr/local/bin/signalbox
USER signalbox
VOLUME /var/lib/signalbox
EXPOSE 8080
# It ends the looks under way within 20 s, and stops a release script itself.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["signalbox"]
CMD ["serve", "--config", "/etc/signalbox/signalbox.yaml"]
