#!/bin/sh
# Before nginx starts, what lies in /docker-entrypoint.d runs, in name order.
set -e
case ${1:-} in
nginx | nginx-debug)
	for file in /docker-entrypoint.d/*; do
		case $file in
		*.envsh) [ ! -x "$file" ] || . "$file" ;;
		*.sh) [ ! -x "$file" ] || "$file" ;;
		esac
	done
	;;
esac
exec "$@"
