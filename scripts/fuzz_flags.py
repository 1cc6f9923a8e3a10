#!/usr/bin/env python3
"""fuzz_flags.py: prints, with a NUL behind each, the arguments with which the room WeChatPayV2 was last compiled.

They come from the manifest of the debug build, so that the fuzz targets see the modules, macros and language features that the
tests see. What says where the result goes, and how much it is optimised, is left out.
"""
import json
import pathlib
import re
import sys

ROOM = "WeChatPayV2"
# Dropped, with as many arguments behind it.
DROPPED = {
    "-emit-dependencies": 0, "-emit-module": 0, "-emit-module-path": 1, "-output-file-map": 1, "-incremental": 0, "-c": 0,
    "-enable-batch-mode": 0, "-serialize-diagnostics": 0, "-index-store-path": 1, "-Onone": 0, "-enable-testing": 0,
    "-DDEBUG": 0, "-g": 0, "-parseable-output": 0, "-emit-objc-header": 0, "-emit-objc-header-path": 1,
}
# What is behind these is meant for another compiler, and goes with them.
PASSED_ON = {"-Xcc", "-Xfrontend", "-Xllvm"}


def flags(manifest: str) -> list[str]:
    found = re.search(rf'"C\.{ROOM}-[^"]*debug\.module":.*?\n    args: (\[.*?\])\n', manifest, re.DOTALL)
    if not found:
        sys.exit(f"fuzz_flags.py: .build/debug.yaml does not tell how {ROOM} is compiled; build the tests first")
    kept: list[str] = []
    arguments = iter(json.loads(found[1])[1:])
    for argument in arguments:
        if argument in DROPPED:
            for _ in range(DROPPED[argument]):
                next(arguments)
        elif argument in PASSED_ON:
            kept += [argument, next(arguments)]
        elif not argument.startswith("@"):
            kept.append(argument)
    return kept


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parent.parent
    for argument in flags((root / ".build/debug.yaml").read_text()):
        print(argument, end="\0")
