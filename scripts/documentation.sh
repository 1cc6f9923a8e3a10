#!/usr/bin/env bash
# documentation.sh [FOLDER]: builds the documentation of the library, warnings as errors; into .build/documentation, or FOLDER.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-.build/documentation}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
mkdir -p .build
# shellcheck disable=SC2046
if ! swift package $(scripts/traits.sh) --allow-writing-to-directory "$folder" generate-documentation --target WeChatPay \
    --warnings-as-errors --output-path "$folder" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
echo "the documentation builds without a warning: $folder"
