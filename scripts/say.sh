# shellcheck shell=bash
# Sourced by the other scripts: says a line to a person, in Chinese where the environment asks for it.
# The first of LC_ALL, LC_MESSAGES and LANG that is set decides, as for the command itself.

case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in
    zh | zh[_.@-]*) SPEAKS_CHINESE=1 ;;
    *) SPEAKS_CHINESE=0 ;;
esac

# say ENGLISH CHINESE
say() {
    if [ "$SPEAKS_CHINESE" = 1 ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

# fail ENGLISH CHINESE: says it on stderr and ends the script.
fail() {
    say "$1" "$2" >&2
    exit 1
}
