#!/bin/sh
# backup.sh once|daily: dumps every database to /backups, in pg_restore's own format.
set -eu
umask 077

# The password stays out of the environment and of every argument list.
printf '*:*:*:*:%s\n' "$(cat /run/secrets/postgres_password)" >"$PGPASSFILE"

dump_all() {
	stamp=$(date +%Y%m%d-%H%M%S)
	psql -At -d postgres -c 'SELECT datname FROM pg_database WHERE NOT datistemplate' | while read -r name; do
		# Under another name until it is complete: a broken dump is never taken for a good one.
		pg_dump -Fc -d "$name" -f "/backups/.$name.part"
		pg_restore --list "/backups/.$name.part" >/dev/null
		mv "/backups/.$name.part" "/backups/$name-$stamp.dump"
		echo "dumped $name"
	done
	find /backups -name '*.dump' -mtime "+${KEEP_DAYS:-7}" -delete
}

case ${1:-once} in
once) dump_all ;;
daily)
	trap 'exit 0' TERM
	while :; do
		if [ "$(date +%H:%M)" = "$BACKUP_AT" ]; then dump_all || echo "backup failed" >&2; fi
		sleep 60 &
		wait $!
	done
	;;
*) echo "usage: backup.sh once|daily" >&2; exit 2 ;;
esac
