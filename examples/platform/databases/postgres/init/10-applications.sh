#!/bin/sh
# Runs once, on an empty data directory: a role and a database for each application.
set -eu

create() { # NAME PASSWORD_FILE
	psql -v ON_ERROR_STOP=1 -v name="$1" -v password="$(cat "$2")" --username "$POSTGRES_USER" <<-'SQL'
		CREATE ROLE :"name" LOGIN PASSWORD :'password';
		CREATE DATABASE :"name" OWNER :"name";
		REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
	SQL
}

create nocodb "$NOCODB_PASSWORD_FILE"
create baserow "$BASEROW_PASSWORD_FILE"
