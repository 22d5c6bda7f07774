#!/bin/bash
# Writes ZooKeeper's configuration from the variables of the official image, and then runs ZooKeeper.
set -eu

if [ "$(id -u)" = 0 ]; then
  chown -R zookeeper: /data /datalog /logs
  exec setpriv --reuid zookeeper --regid zookeeper --init-groups "$0" "$@"
fi

if [ ! -f /conf/zoo.cfg ]; then
  {
    echo dataDir=/data
    echo dataLogDir=/datalog
    echo "tickTime=$ZOO_TICK_TIME"
    echo "initLimit=$ZOO_INIT_LIMIT"
    echo "syncLimit=$ZOO_SYNC_LIMIT"
    echo "autopurge.snapRetainCount=$ZOO_AUTOPURGE_SNAPRETAINCOUNT"
    echo "autopurge.purgeInterval=$ZOO_AUTOPURGE_PURGEINTERVAL"
    echo "maxClientCnxns=$ZOO_MAX_CLIENT_CNXNS"
    echo "standaloneEnabled=$ZOO_STANDALONE_ENABLED"
    echo "admin.enableServer=$ZOO_ADMINSERVER_ENABLED"
    printf '%s\n' ${ZOO_SERVERS:-server.1=localhost:2888:3888;2181}
    if [ -n "${ZOO_4LW_COMMANDS_WHITELIST:-}" ]; then echo "4lw.commands.whitelist=$ZOO_4LW_COMMANDS_WHITELIST"; fi
    printf '%s\n' ${ZOO_CFG_EXTRA:-}
  } >/conf/zoo.cfg
fi
if [ ! -f /data/myid ]; then echo "${ZOO_MY_ID:-1}" >/data/myid; fi

exec java "-Xmx${ZK_SERVER_HEAP:-1000}m" -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-nop.jar \
  org.apache.zookeeper.server.quorum.QuorumPeerMain /conf/zoo.cfg
