#!/bin/sh
# Builds the project's images and pushes them. Run it in the project's directory, or name that:
#   sh build.sh [DIRECTORY]
# PUSH=no builds only.
set -eu
cd -- "${1:-.}"
if [ -z "${PUSH:-}" ]; then
  printf '%s\n' \
    'shop-web names no registry, and docker would push it to Docker Hub.' \
    'Name yours: in the `image` of the service, or where the project names no image: tranship convert --registry HOST/PATH' \
    'For a cluster on this machine run PUSH=no sh build.sh, then load the images:' \
    '  kind load docker-image IMAGE, or k3d image import IMAGE, or minikube image load IMAGE' \
    'Docker Hub is meant: PUSH=yes sh build.sh' >&2
  exit 1
fi

# service web
docker build \
  --target=prod \
  --build-arg=VERSION=1 \
  --tag=shop-web \
  -- ./web

[ "${PUSH:-yes}" != no ] || exit 0
docker push shop-web
