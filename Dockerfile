# One image for all programs of the kit. By default it runs a server of part 4's chain.
#
#   docker build -t tablelab .
#   docker run --rm tablelab node part3/src/programs/table-server.ts --help
#
# The server listens on port 22345, connects to ZooKeeper at $ZOOKEEPER, advertises its container's host name, and keeps its data
# in /data.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY part1/package.json part1/
COPY part2/package.json part2/
COPY part3/package.json part3/
COPY part4/package.json part4/
COPY keyv/package.json keyv/
COPY page/package.json page/
COPY course/package.json course/
# The image has its own Node; only developers need the install scripts.
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
# The first health check fills the compile cache, which makes the later ones much faster.
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/tmp/node-compile-cache \
    ZOOKEEPER=zookeeper:2181
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY . .
# A new volume takes over the owner of the folder that it covers.
RUN install --directory --owner=node --group=node --mode=700 /data
USER node
EXPOSE 22345
STOPSIGNAL SIGTERM
# Whether the server lives, not whether it is ready: what restarts unhealthy containers must leave alone one that waits for ZooKeeper.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=2 \
    CMD ["node", "part4/src/programs/health-check.ts", "127.0.0.1:22345"]
ENTRYPOINT []
# The shell expands the variables and then becomes Node, so that Node receives the signals.
CMD ["sh", "-c", "exec node part4/src/programs/table-server.ts 22345 1000 \"$ZOOKEEPER\" --host 0.0.0.0 --advertise \"$HOSTNAME\" --data /data"]
