#!/bin/sh
# Builds the project's images and pushes them. Run it in the project's directory, or name that:
#   sh build.sh [DIRECTORY]
# PUSH=no builds only.
set -eu
cd -- "${1:-.}"

# service web
docker build \
  --target=prod \
  --build-arg=VERSION=1 \
  --tag=shop-web \
  -- ./web

[ "${PUSH:-yes}" != no ] || exit 0
docker push shop-web
