#!/usr/bin/env bash
# Prints this project's own Swift files, each with a NUL behind it; packages under .build are not ours.
set -euo pipefail
cd "$(dirname "$0")/.."
folders=()
for folder in Package.swift Sources Tests Benchmarks; do
    if [ -e "$folder" ]; then folders+=("$folder"); fi
done
find "${folders[@]}" -name '.build*' -prune -o -name '*.swift' -type f -print0
