# Replaces the official ZooKeeper image if that cannot be pulled. It has the same variables, folders and user, and Debian's
# ZooKeeper.
ARG DEBIAN_IMAGE
FROM ${DEBIAN_IMAGE}
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends libzookeeper-java default-jre-headless \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb
RUN groupadd --gid 1000 zookeeper && useradd --uid 1000 --gid zookeeper zookeeper \
    && mkdir --parents /conf /data /datalog /logs && chown zookeeper:zookeeper /conf /data /datalog /logs
ENV ZOO_TICK_TIME=2000 \
    ZOO_INIT_LIMIT=5 \
    ZOO_SYNC_LIMIT=2 \
    ZOO_AUTOPURGE_PURGEINTERVAL=0 \
    ZOO_AUTOPURGE_SNAPRETAINCOUNT=3 \
    ZOO_MAX_CLIENT_CNXNS=60 \
    ZOO_STANDALONE_ENABLED=true \
    ZOO_ADMINSERVER_ENABLED=true
VOLUME ["/data", "/datalog", "/logs"]
EXPOSE 2181 2888 3888 8080
COPY zookeeper-entrypoint.sh /docker-entrypoint.sh
ENTRYPOINT ["/docker-entrypoint.sh"]
