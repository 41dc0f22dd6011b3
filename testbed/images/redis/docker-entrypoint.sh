#!/bin/sh
# Options or a file of settings alone mean the server; root becomes the user redis.
set -e
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac
if [ "$1" = redis-server ]; then
	if [ "$(id -u)" = 0 ]; then
		find . ! -user redis -exec chown redis '{}' +
		exec setpriv --reuid redis --regid redis --clear-groups "$0" "$@"
	fi
	umask 0077
	# The official image is compiled with this as its default.
	case " $* " in *" --protected-mode "*) ;; *) set -- "$@" --protected-mode no ;; esac
fi
exec "$@"
