#!/bin/sh
# Generates the static protobuf code. Run it after a change to a .proto file. The output is committed, because there is no
# build step. With an argument, writes below that folder; a test uses this to check that the committed code is up to date.
set -eu
cd "$(dirname "$0")/.."
out=${1:-.}
generate() { # <proto file> <output file> <further options>
  mkdir -p "$out/$(dirname "$2")"
  node_modules/.bin/pbjs -t static-module -w esm --dts --keep-case --force-number --no-service --no-typeurl --no-convert \
    --no-create --no-verify ${3-} -o "$out/$2" "$1"
}
generate shared/proto/sdmessage.proto part2/src/wire/generated/sdmessage.js --no-delimited
if [ -f part4/proto/chain.proto ]; then
  generate part4/proto/chain.proto part4/src/generated/chain.js
fi
