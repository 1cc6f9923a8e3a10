#!/usr/bin/env bash
# Goes on silently when there is a Swift compiler that is new enough; says in one line what is missing otherwise.
set -euo pipefail
# shellcheck source=scripts/say.sh
. "$(dirname "$0")/say.sh"

where="https://www.swift.org/install/"
command -v swift >/dev/null 2>&1 || fail \
    "There is no Swift on this machine: install Swift 6.3 from $where and put its usr/bin on the PATH, then try again." \
    "这台机器上没有 Swift：请从 $where 安装 Swift 6.3，把它的 usr/bin 加入 PATH，然后重试。"

# "Swift version 6.3.1 (swift-6.3.1-RELEASE)", on macOS with "Apple " and more before it.
found=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+)\.([0-9]+).*/\1 \2/p' | head -n 1)
read -r major minor <<<"${found:-0 0}"
if ((major < 6 || (major == 6 && minor < 2))); then
    fail \
        "This Swift is too old or does not say its version ($major.$minor): 6.2 or newer is needed, 6.3 is tested; get it from $where." \
        "这个 Swift 太旧，或者没有报告版本号（$major.$minor）：需要 6.2 以上，已在 6.3 上测试；请从 $where 获取。"
fi
