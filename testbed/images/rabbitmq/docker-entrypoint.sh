#!/bin/sh
# Root becomes the user rabbitmq, who owns the data; the server itself reads RABBITMQ_DEFAULT_USER, _PASS and _VHOST.
set -e
case ${1:-} in
rabbitmq*)
	if [ "$(id -u)" = 0 ]; then
		[ "$1" != rabbitmq-server ] || find /var/lib/rabbitmq ! -user rabbitmq -exec chown rabbitmq '{}' +
		exec setpriv --reuid rabbitmq --regid rabbitmq --clear-groups "$0" "$@"
	fi
	;;
esac
exec "$@"
