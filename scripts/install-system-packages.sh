#!/usr/bin/env bash
# install-system-packages.sh [build] [lint] [test] [bench]: installs the system packages that these need and that are missing.
# Changes nothing when nothing is missing; safe to repeat.
set -euo pipefail
# shellcheck source=scripts/say.sh
. "$(dirname "$0")/say.sh"

# Apple's SDK has SQLite, and macOS has git; the rest comes with Xcode's command line tools.
if [ "$(uname -s)" = Darwin ]; then
    case " $* " in
        *" lint "* | *" test "*)
            command -v python3 >/dev/null 2>&1 || fail \
                "python3 is missing: run xcode-select --install, then try again." \
                "缺少 python3：请运行 xcode-select --install，然后重试。"
            ;;
    esac
    exit 0
fi

# A tool is there when it can be called, a library when its header is; so a hand-made one counts too.
has_tool() { command -v "$1" >/dev/null 2>&1; }
has_package() { command -v dpkg >/dev/null 2>&1 && dpkg -s "$1" 2>/dev/null | grep -q '^Status: .* installed$'; }
can_make_environments() { python3 -c 'import ensurepip, venv' >/dev/null 2>&1; }
has_postgresql() { [ -n "${WECHATPAY_TEST_POSTGRESQL:-}" ] || has_tool initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
has_header() { # has_header LANGUAGE HEADER
    local compiler
    compiler=$(command -v clang || command -v cc) || return 1
    printf '#include <%s>\n' "$2" | "$compiler" -x "$1" -E - >/dev/null 2>&1
}

missing=()
need() { # need PACKAGE CHECK…
    local package=$1
    shift
    has_package "$package" || "$@" || missing+=("$package")
}

for what in "${@:-build}"; do
    case "$what" in
        build)
            need git has_tool git
            need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
            # The C and C++ libraries of the system, and the linker: a Swift toolchain alone has none.
            need g++ has_header c++ vector
            need libsqlite3-dev has_header c sqlite3.h
            need libpq-dev has_package libpq-dev
            need libssl-dev has_header c openssl/evp.h
            need libxml2-dev has_package libxml2-dev
            need zlib1g-dev has_header c zlib.h
            need libqrencode-dev has_header c qrencode.h
            ;;
        lint) need python3 has_tool python3 ;;
        test)
            need python3 has_tool python3
            need python3-venv can_make_environments
            need postgresql has_postgresql
            ;;
        bench) need openssl has_tool openssl ;;
        *)
            echo "usage: $0 [build] [lint] [test] [bench]" >&2
            exit 2
            ;;
    esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! has_tool apt-get; then
    fail \
        "Missing, under Debian's names: ${missing[*]}. There is no apt-get here: install what your system calls them, then try again." \
        "缺少（Debian 中的包名）：${missing[*]}。这里没有 apt-get：请用本系统的包管理器安装对应的包，然后重试。"
fi
as_root=()
if [ "$(id -u)" != 0 ]; then
    has_tool sudo || fail \
        "Missing system packages, and you are neither root nor have sudo: have somebody run  apt-get install ${missing[*]}" \
        "缺少系统包，而当前用户既不是 root 也没有 sudo：请让管理员运行  apt-get install ${missing[*]}"
    as_root=(sudo)
fi

say "Installing the missing system packages: ${missing[*]}" "正在安装缺少的系统包：${missing[*]}"
apt() { ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1; }
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A list of packages that is old or empty makes the first try fail; fetching it always would cost every run a minute.
if ! apt install --no-install-recommends "${missing[@]}"; then
    if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
        tail -n 20 "$log" >&2
        fail \
            "apt-get could not install them (above: why). Install them by hand, then try again: ${missing[*]}" \
            "apt-get 未能安装（原因见上）。请手动安装后重试：${missing[*]}"
    fi
fi
