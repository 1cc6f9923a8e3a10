#!/usr/bin/env bash
# build.sh debug|release|tests: builds the command (or, with `tests`, that and all tests, in debug), and tells a person
# what takes so long the first time.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

case "${1:-}" in
    debug) configuration=debug minutes=5 arguments=(--product wechatpay) ;;
    release) configuration=release minutes=8 arguments=(--product wechatpay) ;;
    tests) configuration=debug minutes=6 arguments=(--build-tests) ;;
    *)
        echo "usage: $0 debug|release|tests" >&2
        exit 2
        ;;
esac

# The traits must be the same wherever the build folder is used, or everything is built anew.
read -ra traits <<<"$(scripts/traits.sh)"

if [ ! -x ".build/$configuration/wechatpay" ]; then
    say "First build: about $minutes minutes on two cores (later ones take seconds). Meanwhile:" \
        "首次构建：双核机器上约需 $minutes 分钟（以后只需几秒）。其间依次进行："
    say "  1. fetch the Swift packages from GitHub (SwiftNIO, Hummingbird, swift-crypto, GRDB, …)" \
        "  1. 从 GitHub 获取 Swift 包（SwiftNIO、Hummingbird、swift-crypto、GRDB 等）"
    say "  2. compile them and this project; [n/m] counts the steps" \
        "  2. 编译这些包和本项目；[n/m] 为进度"
    if ! swift package resolve; then
        fail "The Swift packages could not be fetched. Behind a slow or closed network see \"Mirrors\" in README.md." \
            "未能获取 Swift 包。网络较慢或受限时，请看 README.zh-CN.md 的《国内镜像》一节。"
    fi
fi
exec swift build -c "$configuration" ${traits[@]+"${traits[@]}"} "${arguments[@]}"
