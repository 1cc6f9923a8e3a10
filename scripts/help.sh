#!/usr/bin/env bash
# Prints what `make` can do: the comments behind the targets of the Makefile, `## English | 中文`.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

say "make TARGET, where TARGET is" "make 目标，可用的目标："
awk -F : -v column="$((1 + SPEAKS_CHINESE))" '
    /^[a-z]+:.*## / {
        text = $0; sub(/^.*## /, "", text); split(text, parts, / \| /)
        printf "  %-8s %s\n", $1, parts[column]
    }' Makefile
