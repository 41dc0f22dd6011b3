#!/bin/sh
# Writes each template without its suffix into the folder of settings, with the variables that are set filled in and no others.
set -e
from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$from" ] || exit 0
if [ ! -w "$to" ]; then
	echo "$0: ERROR: $from exists, but $to is not writable" >&2
	exit 0
fi
set_ones=$(env | sed -n "s/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\${\1}/p" | grep -E "${NGINX_ENVSUBST_FILTER:-}" | tr '\n' ' ')
find "$from" -follow -type f -name "*$suffix" | while read -r template; do
	target=$to/${template#"$from"/}
	target=${target%"$suffix"}
	mkdir -p "$(dirname "$target")"
	envsubst "$set_ones" <"$template" >"$target"
done
