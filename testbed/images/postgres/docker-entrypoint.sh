#!/bin/bash
# Starts the server as the user postgres, and makes the database first where the data directory is empty.
set -eu

setting() { # NAME DEFAULT: from the variable or from the file that NAME_FILE names; never from both
	local file=$1_FILE
	if [ -n "${!1:-}" ] && [ -n "${!file:-}" ]; then
		echo "error: both $1 and $file are set" >&2
		exit 1
	fi
	local value=${!1:-$2}
	[ -z "${!file:-}" ] || value=$(<"${!file}")
	export "$1=$value"
	unset "$file"
}

first_start() {
	local auth=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256} file
	if [ -z "$POSTGRES_PASSWORD" ] && [ "$auth" != trust ]; then
		echo "error: the database is not initialized and POSTGRES_PASSWORD is not set" >&2
		exit 1
	fi
	# shellcheck disable=SC2086 # several arguments in one variable, as documented
	initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") ${POSTGRES_INITDB_ARGS:-}
	printf '\nhost all all all %s\n' "$auth" >>"$PGDATA/pg_hba.conf"
	# Until all is made the server listens on its socket alone, so that nobody finds half a database.
	pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start
	export PGPASSWORD=$POSTGRES_PASSWORD
	local sql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER")
	if [ "$POSTGRES_DB" != postgres ]; then
		"${sql[@]}" --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
	fi
	for file in /docker-entrypoint-initdb.d/*; do
		case $file in
		*.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
		*.sql) "${sql[@]}" --dbname "$POSTGRES_DB" -f "$file" ;;
		*.sql.gz) gunzip -c "$file" | "${sql[@]}" --dbname "$POSTGRES_DB" ;;
		esac
	done
	unset PGPASSWORD
	pg_ctl -D "$PGDATA" -m fast -w stop
	echo "PostgreSQL init process complete; ready for start up."
}

[ "${1#-}" = "$1" ] || set -- postgres "$@"
if [ "$1" = postgres ]; then
	mkdir -p "$PGDATA"
	if [ "$(id -u)" = 0 ]; then
		chown -R postgres: "$PGDATA" /var/run/postgresql
		exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
	fi
	chmod 00700 "$PGDATA" 2>/dev/null || true
	setting POSTGRES_USER postgres
	setting POSTGRES_PASSWORD ""
	setting POSTGRES_DB "$POSTGRES_USER"
	[ -s "$PGDATA/PG_VERSION" ] || first_start
fi
exec "$@"
