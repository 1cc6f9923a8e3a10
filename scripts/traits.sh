#!/usr/bin/env bash
# traits.sh: prints the arguments with which `swift build` and `swift test` get this package's traits on this machine.
# On Linux the command signs with the system's OpenSSL, which takes about half the time.
set -euo pipefail
if [ "$(uname -s)" = Linux ]; then echo "--traits OpenSSLSigning"; fi
