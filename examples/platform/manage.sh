#!/usr/bin/env bash
# Starts and stops the stacks in the order they need.
#   manage.sh up|down|ps|config [CATEGORY|STACK...]     all stacks without a name
#   manage.sh logs STACK
set -euo pipefail
cd "$(dirname "$0")"

# What comes later may need what comes earlier.
categories=(databases infrastructure storage applications monitoring utilities)

set -a
# shellcheck source=platform.env
. ./platform.env
set +a

compose() { # FOLDER ARGUMENTS...
	local folder=$1
	shift
	docker compose --project-directory "$folder" -f "$folder/compose.yaml" "$@"
}

stacks() { # the folders of the named categories and stacks, in starting order
	local category folder
	for category in "${categories[@]}"; do
		for folder in "$category"/*/; do
			folder=${folder%/}
			if [ $# = 0 ] || [[ " $* " == *" $category "* ]] || [[ " $* " == *" ${folder#*/} "* ]]; then echo "$folder"; fi
		done
	done
}

command=${1:-}
[ $# -gt 0 ] && shift
mapfile -t folders < <(stacks "$@")
[ ${#folders[@]} -gt 0 ] || { echo "no such category or stack: $*" >&2; exit 2; }

failed=()
case $command in
up)
	docker network inspect "$SHARED_NETWORK" >/dev/null 2>&1 || docker network create "$SHARED_NETWORK" >/dev/null
	# A stack that fails does not keep the others from starting.
	for folder in "${folders[@]}"; do compose "$folder" up -d --wait || failed+=("$folder"); done
	;;
down) for ((i = ${#folders[@]} - 1; i >= 0; i--)); do compose "${folders[i]}" down || failed+=("${folders[i]}"); done ;;
ps | config) for folder in "${folders[@]}"; do compose "$folder" "$command" || failed+=("$folder"); done ;;
logs) compose "${folders[0]}" logs --follow ;;
*) sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
