#!/bin/sh
# Installs the packages of this hand-out without a network, from the folder "offline". It needs Node 20 or later with npm, and glibc.
set -eu
cd "$(dirname "$0")"
case $(uname -m) in
  x86_64) processor=x64 ;;
  aarch64 | arm64) processor=arm64 ;;
  *)
    echo "install-offline.sh: the packages are for x86_64 and aarch64, and this machine is $(uname -m)" >&2
    exit 1
    ;;
esac
# The lock file that says where the packages are in this folder is needed for the installation only.
lock=$(mktemp)
cp package-lock.json "$lock"
trap 'cp "$lock" package-lock.json; rm -f "$lock"' EXIT
cp offline/package-lock.json package-lock.json
# Scripts of packages would download something: the one of "node" gets the program that is here already.
npm install --no-save --offline --ignore-scripts --include=dev --no-audit --no-fund --loglevel=error
mkdir -p node_modules/node/bin
tar -xzf offline/node-linux-$processor-*.tgz -C node_modules/node/bin --strip-components=2 package/bin/node
echo "installed; run: npm test"
