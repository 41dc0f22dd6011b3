#!/bin/sh
# Puts the program's name in front where the command starts with something else.
[ "${1:-}" = minio ] || set -- minio "$@"
exec "$@"
