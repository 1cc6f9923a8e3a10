#!/usr/bin/env bash
# fuzz.sh SECONDS: builds the fuzz targets of Tests/Fuzz and runs each for that long. Needs the objects of a debug build
# (scripts/build.sh tests). A crash, a hang, or an input that takes more than 100 ms ends it with an error and leaves the input
# in .build/fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

seconds=${1:?usage: $0 SECONDS}
if [ "$(uname -s)" != Linux ]; then
    say "libFuzzer does not come with the Swift of this system: not fuzzed." "本系统的 Swift 不带 libFuzzer：跳过模糊测试。"
    exit 0
fi
folder=.build/fuzz
mkdir -p "$folder"

# The room itself is compiled anew, so that libFuzzer sees its branches; all that it stands on is taken as it is.
mapfile -d '' flags < <("${PYTHON:-python3}" -B scripts/fuzz_flags.py)
mapfile -d '' sources < <(find Sources/WeChatPayV2 Tests/Fuzz -name '*.swift' -print0 | sort -z)
if [ ! -x "$folder/fuzz" ] || [ -n "$(find "${sources[@]}" .build/debug.yaml -newer "$folder/fuzz" -print -quit)" ]; then
    ar=$(command -v llvm-ar || command -v ar || echo "$(dirname "$(command -v swiftc)")/llvm-ar")
    rm -f "$folder/libparts.a"
    # Only what is missing is taken out of an archive, so it does no harm that everything is in it.
    find .build/debug/ -path '*.build/*' -name '*.o' ! -path '*/WeChatPayV2.build/*' ! -path '*Tests.build/*' \
        ! -path '*/WeChatPayCommand*.build/*' ! -path '*/wechatpay*.build/*' ! -path '*-tool.build/*' -print0 |
        sort -z | xargs -0 "$ar" -rcsT "$folder/libparts.a"
    swiftc "${flags[@]}" -O -wmo -sanitize=fuzzer -c "${sources[@]}" -o "$folder/fuzz.o"
    swiftc -sanitize=fuzzer "$folder/fuzz.o" "$folder/libparts.a" -lxml2 -lz -lcrypto -lstdc++ -o "$folder/fuzz"
fi

# A backtrace of Swift's own takes longer than the time that libFuzzer allows.
export SWIFT_BACKTRACE=enable=no
say "Fuzzing the reader and the notifications of API v2 for $seconds s." "对 API v2 的读取器与通知进行 $seconds 秒模糊测试。"
declare -A running
for target in reader notification; do
    mkdir -p "$folder/corpus-$target"
    FUZZ=$target "$folder/fuzz" -max_total_time="$seconds" -timeout=1 -rss_limit_mb=2048 -max_len=70000 -len_control=50 \
        -dict=Tests/Fuzz/xml.dict -artifact_prefix="$folder/" -print_final_stats=1 \
        "$folder/corpus-$target" Tests/Fuzz/Seeds >"$folder/$target.log" 2>&1 &
    running[$target]=$!
done
failed=
for target in "${!running[@]}"; do
    if wait "${running[$target]}"; then
        echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$target.log") inputs"
    else
        tail -40 "$folder/$target.log" >&2
        failed=1
    fi
done
if [ -n "$failed" ]; then
    fail "An input was found that must not be; it is in $folder, libFuzzer's words above." \
        "发现了不应出现的输入，保存在 $folder 中，libFuzzer 的输出见上。"
fi
