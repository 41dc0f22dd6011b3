#!/bin/sh
# An option, or a word that is no command, is an argument of node.
set -e
if [ "${1#-}" != "${1:-}" ] || ! command -v "${1:-}" >/dev/null || { [ -f "${1:-}" ] && ! [ -x "${1:-}" ]; }; then
	set -- node "$@"
fi
exec "$@"
