#!/usr/bin/env python3
"""lint.py [ROOT]: what the compiler does not look at.

Calls that belong to the composition root alone, imports against the arrows of ARCHITECTURE.md, names that differ only
in case, files that are too long. Each finding is a line `FILE:LINE: what is wrong; what to do instead`; exit 1 if there
is one.
"""
import pathlib
import re
import subprocess
import sys

from swift_text import code_only

# ---------------------------------------------------------------- who may import whom

# Modules of the system that every room may use.
SYSTEM = {"Swift", "Foundation", "FoundationEssentials", "Synchronization", "Darwin", "Glibc", "Musl"}

# For each room: our own modules that it may know, and others' modules that it may use (all with a reason in
# ARCHITECTURE.md).
ROOMS = {
    "PaymentPrimitives": (set(), set()),
    "WeChatPay": (
        {"PaymentPrimitives"},
        {
            "Crypto", "CryptoExtras", "X509", "SwiftASN1", "HTTPTypes", "Logging", "AsyncHTTPClient", "NIOCore", "NIOHTTP1",
            "CZlib", "COpenSSL",
        },
    ),
    "WeChatPayV2": (
        {"PaymentPrimitives", "WeChatPay"},
        {"Crypto", "CryptoExtras", "HTTPTypes", "Logging", "AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOSSL", "CLibXML2"},
    ),
    "WeChatPaySandbox": (
        {"PaymentPrimitives", "WeChatPay", "WeChatPayV2"},
        {
            "Crypto", "CryptoExtras", "X509", "SwiftASN1", "HTTPTypes", "Logging", "AsyncHTTPClient", "NIOCore",
            "NIOHTTP1", "NIOPosix", "NIOSSL", "Hummingbird", "HummingbirdTLS", "ServiceLifecycle", "CZlib",
        },
    ),
    "Payments": ({"PaymentPrimitives"}, {"Logging"}),
    "PaymentChannels": ({"PaymentPrimitives", "Payments", "WeChatPay", "WeChatPayV2"}, {"HTTPTypes"}),
    "SQLDatabase": ({"PaymentPrimitives"}, {"GRDB", "GRDBSQLite", "CLibPQ", "Dispatch"}),
    "PaymentStore": ({"PaymentPrimitives", "Payments", "SQLDatabase"}, set()),
    "PaymentServer": (
        {"PaymentPrimitives", "Payments"},
        {
            "Hummingbird", "HTTPTypes", "Logging", "ServiceLifecycle", "AsyncHTTPClient", "Crypto", "NIOCore", "NIOPosix",
            "NIOHTTP1", "NIOHTTPTypes", "CQREncode", "CZlib",
        },
    ),
    "Shop": (
        {"PaymentPrimitives", "Payments", "SQLDatabase"},
        {"Hummingbird", "HTTPTypes", "Logging", "Crypto", "NIOCore"},
    ),
    "WeChatPayCommand": (
        {
            "PaymentPrimitives", "WeChatPay", "WeChatPayV2", "WeChatPaySandbox", "Payments", "PaymentChannels",
            "SQLDatabase", "PaymentStore", "PaymentServer", "Shop",
        },
        {
            "Hummingbird", "HTTPTypes", "Logging", "ServiceLifecycle", "AsyncHTTPClient", "Crypto", "NIOCore",
            "NIOHTTP1", "NIOPosix", "UnixSignals", "Dispatch", "Configuration", "ArgumentParser", "Yams",
        },
    ),
}

# Modules that come with a product of another name.
COMES_WITH = {"GRDBSQLite": "GRDB"}

# Benchmarks is a package of its own and sees what a user sees.
BENCHMARKS_MAY_KNOW = {"WeChatPay", "WeChatPayV2", "WeChatPaySandbox", "PaymentPrimitives"}

# Of WeChatPay the sandbox may use the keys and ciphers and the shape of a transport. Its sign strings, models and
# validators are its own: were they the SDK's, one misspelling would pass on both sides.
SDK_FOR_SANDBOX = ("Sources/WeChatPay/Crypto/", "Sources/WeChatPay/Transport/")
# What a Transport throws; of WeChatPayV2 the reader of its documents, which has no opinion of what they mean.
SDK_NAMES_FOR_SANDBOX = {"WeChatPayError", "XMLReader", "XMLFields"}
NOT_FOR_SANDBOX = {
    "Client", "Merchant", "Transactions", "Transaction", "Notifications", "Notification", "Certificates", "MiniProgram",
    "JSAPIPrepayRequest", "RequestPaymentParameters", "TradeState", "PaymentChannel",
    # Lives in PaymentPrimitives, but a parser that is too kind must not be too kind on both sides.
    "StrictJSON",
}

# ---------------------------------------------------------------- what may not be called

COMPOSITION_ROOT = (
    "Sources/WeChatPayCommand/", "Sources/PaymentPrimitives/SystemClock.swift", "Sources/PaymentPrimitives/SystemRandom.swift",
)
COMMAND = ("Sources/WeChatPayCommand/",)
# How long a socket may be silent is a matter of wire time, whatever the business clock says.
SOCKET_TIME = COMPOSITION_ROOT + ("Sources/PaymentServer/HTTP/RequestDeadlineHandler.swift", "Sources/WeChatPay/Transport/")
# Here another process is waited for, which has no time but the machine's.
OTHER_PROCESS = COMPOSITION_ROOT + (
    "Sources/SQLDatabase/SQLite/SQLiteDatabase+Open.swift", "Sources/SQLDatabase/PostgreSQL/PostgreSQLConnection+Open.swift",
)
# Closing blocks, and so does libpq, so it leaves the threads of the tasks; it is awaited all the same.
BLOCKING_CLOSE = COMPOSITION_ROOT + (
    "Sources/SQLDatabase/SQLite/SQLiteDatabase.swift", "Sources/SQLDatabase/PostgreSQL/PostgreSQLWorker.swift",
)
NOWHERE = ()

CLOCK = "take the time from the WallClock that is passed in"
WAIT = "wait with WallClock.sleep(until:), so that a test can advance the clock"
ID = "take ids from the IDGenerator that is passed in"
CHANCE = "take chance from the RandomSource that is passed in"
GO_ON = "throw: one bad request must not end the process"
LOG = "log through the Logger that is passed in"
TASK = "use async let, a task group or a job's tick: work that nobody awaits cannot be replayed or drained"

# A function of the C library, called by its name or as Foundation's; not a method, nor the declaration of one.
C_CALL = r"(?:(?<![\w.`])(?<!\bfunc )|(?<![\w.])(?:Foundation|Glibc|Musl|Darwin)\s*\.\s*)"
# Generic arguments, which may have generic arguments themselves, three deep.
GENERIC = "(?:[^<>{}-]|->|-)*"
for _ in range(3):
    GENERIC = f"(?:[^<>{{}}-]|->|-|<{GENERIC}>)*"
TASK_TYPE = rf"\bTask\s*(?:<{GENERIC}>\s*)?"
# What follows a type that is named before `= .init()` or `{ .init() }`.
IMPLICITLY = r"\s*[?!]?\s*(?:=|\{)\s*(?:return\s+)?\.\s*"

# (what it looks like, how a person calls it, what to do instead, where it is allowed)
BANNED = [
    (r"\bDate(?:\s*\.\s*init)?\s*\(\s*\)", "Date()", CLOCK, COMPOSITION_ROOT),
    (rf"\bDate{IMPLICITLY}init\s*\(\s*\)", "Date()", CLOCK, COMPOSITION_ROOT),
    (r"\bNSDate(?:\s*\.\s*init)?\s*\(", "NSDate()", CLOCK, COMPOSITION_ROOT),
    (r"\bDate\s*\.\s*now\b", "Date.now", CLOCK, COMPOSITION_ROOT),
    (r"(?:[=(,:\[{]|\?\?|\s\?\s|\breturn\b)\s*\.\s*now\b", ".now of a type of the system", CLOCK, COMPOSITION_ROOT),
    (r"\bDispatch(?:Wall)?Time\s*\.\s*now\b", "DispatchTime.now()", CLOCK, COMPOSITION_ROOT),
    (r"\bNIODeadline\s*\.\s*(?:now|uptimeNanoseconds)\b", "NIODeadline.now()", CLOCK, SOCKET_TIME),
    (r"\bsystemUptime\b", "systemUptime", CLOCK, COMPOSITION_ROOT),
    (C_CALL + r"clock\s*\(\s*\)", "clock()", CLOCK, COMPOSITION_ROOT),
    (r"\bDate(?:\s*\.\s*init)?\s*\(\s*timeIntervalSinceNow\b", "Date(timeIntervalSinceNow:)", CLOCK, COMPOSITION_ROOT),
    (r"\.timeIntervalSinceNow\b", "timeIntervalSinceNow", CLOCK, COMPOSITION_ROOT),
    (r"\bCFAbsoluteTimeGetCurrent\b", "CFAbsoluteTimeGetCurrent", CLOCK, COMPOSITION_ROOT),
    (r"\bgettimeofday\b", "gettimeofday", CLOCK, COMPOSITION_ROOT),
    (r"\bclock_gettime(?:_nsec_np)?\b", "clock_gettime", CLOCK, COMPOSITION_ROOT),
    (r"(?<![\w.])time\s*\(\s*(?:nil|&)", "time()", CLOCK, COMPOSITION_ROOT),
    (r"\bContinuousClock\b", "ContinuousClock", CLOCK, COMPOSITION_ROOT),
    (r"\bSuspendingClock\b", "SuspendingClock", CLOCK, COMPOSITION_ROOT),
    (r"\bclock\s*:\s*\.(?:continuous|suspending)\b", "a clock of the system", CLOCK, COMPOSITION_ROOT),
    (TASK_TYPE + r"\.\s*sleep\b", "Task.sleep", WAIT, COMPOSITION_ROOT),
    (C_CALL + r"(?:u|nano)?sleep\s*\((?!\s*until\s*:)", "sleep()", WAIT, OTHER_PROCESS),
    (r"\bThread\s*\.\s*sleep\b", "Thread.sleep", WAIT, COMPOSITION_ROOT),
    (r"\basyncAfter\b", "DispatchQueue.asyncAfter", WAIT, COMPOSITION_ROOT),
    (r"(?<![\w.])Timer\s*(?:\(|\.\s*(?:init|scheduledTimer|publish)\b)", "Timer", WAIT, COMPOSITION_ROOT),
    (r"\bmakeTimerSource\b", "DispatchSource.makeTimerSource", WAIT, COMPOSITION_ROOT),
    (
        r"\b(?:flatScheduleTask|schedule(?:Task|RepeatedTask|RepeatedAsyncTask|Callback))\s*\(", "EventLoop.scheduleTask", WAIT,
        SOCKET_TIME,
    ),
    (r"\b(?:NS)?UUID(?:\s*\.\s*init)?\s*\(\s*\)", "UUID()", ID, COMPOSITION_ROOT),
    (rf"\bUUID{IMPLICITLY}init\s*\(\s*\)", "UUID()", ID, COMPOSITION_ROOT),
    (r"\bSystemRandomNumberGenerator\b", "SystemRandomNumberGenerator", CHANCE, COMPOSITION_ROOT),
    (r"\barc4random\w*|\bSecRandomCopyBytes\b|\bgetrandom\b|\bdrand48\b", "the system's random numbers", CHANCE, COMPOSITION_ROOT),
    (
        C_CALL + r"(?:(?:rand|random|[lm]rand48)\s*\(\s*\)|(?:srand|srandom|rand_r|random_r|[ejn]rand48)\s*\()",
        "rand() or random()", CHANCE, COMPOSITION_ROOT,
    ),
    (r"\bNonce(?:\s*\.\s*init)?\s*\(\s*\)", "Nonce() without its bytes", CHANCE, COMPOSITION_ROOT),
    (rf"\bNonce{IMPLICITLY}init\s*\(\s*\)", "Nonce() without its bytes", CHANCE, COMPOSITION_ROOT),
    (r"\bSymmetricKey(?:\s*\.\s*init)?\s*\(\s*size\s*:", "SymmetricKey(size:)", CHANCE, COMPOSITION_ROOT),
    (rf"\bSymmetricKey{IMPLICITLY}init\s*\(\s*size\s*:", "SymmetricKey(size:)", CHANCE, COMPOSITION_ROOT),
    (rf"(?<!extension ){TASK_TYPE}(?:\.\s*init\s*)?[({{]", "an unstructured Task", TASK, COMPOSITION_ROOT),
    (rf"{TASK_TYPE}[?!]?\s*=\s*\.\s*init\b", "an unstructured Task", TASK, COMPOSITION_ROOT),
    (r"\btypealias\s+\w+\s*(?:<[^=\n]*>)?\s*=\s*(?:\w+\s*\.\s*)?Task\b", "another name for Task", TASK, COMPOSITION_ROOT),
    (r"\.\s*(?:detached|immediateDetached)\b", "a detached Task", TASK, COMPOSITION_ROOT),
    (TASK_TYPE + r"\.\s*immediate\b", "an unstructured Task", TASK, COMPOSITION_ROOT),
    (r"\.\s*async\s*[({]", "DispatchQueue.async", TASK, BLOCKING_CLOSE),
    (
        r"(?<!extension )(?<![\w.])Thread\s*(?:[({]|\.\s*(?:init|detachNewThread\w*)\b)|\bpthread_create\b", "a Thread", TASK,
        COMPOSITION_ROOT,
    ),
    (r"\b(?:makeFutureWithTask|completeWithTask)\b", "a Task behind a future", TASK, COMPOSITION_ROOT),
    (r"(?<![\w.])(?:Swift\s*\.\s*)?(?:debugP|p)rint\s*\(|\bNSLog\s*\(|\bdump\s*\(", "print", LOG, COMMAND),
    (C_CALL + r"(?:fputs|puts|v?f?printf|fwrite|putchar)\s*\(", "the C library's output", LOG, COMMAND),
    (r"\.\s*standard(?:Output|Error)\b", "standard output or error", LOG, COMMAND),
    (r"\btry\s*!", "try!", "throw, or handle the error", NOWHERE),
    (r"\bas\s*!", "as!", "use as? and handle nil", NOWHERE),
    (r"\bfatalError\s*\(", "fatalError", GO_ON, NOWHERE),
    (r"\bprecondition(?:Failure)?\s*\(", "precondition", GO_ON, NOWHERE),
]
BANNED = [(re.compile(look), name, instead, allowed) for look, name, instead, allowed in BANNED]

# These take a generator as `using:`; without one they take the system's.
CHANCE_CALL = re.compile(r"\.\s*(random(?=\s*\(\s*(?:in\s*:|using\s*:|\)))|randomElement|shuffled|shuffle)\s*\(")

# A test must not wait for real time either; those of the command start real processes.
REAL_WAIT = re.compile(
    r"\b(?:Task|Thread|(?:Continuous|Suspending)Clock(?:\s*\.\s*init)?\s*\(\s*\))\s*\.\s*sleep\b|"
    # Of our own clocks only sleep(until:) is there.
    r"\.\s*sleep(?=\s*\(\s*for\s*:)|" + C_CALL + r"(?:u|nano)?sleep(?=\s*\()|\basyncAfter\b")
TESTS_IN_REAL_TIME = ("Tests/WeChatPayCommandTests/",)

LINES = 400
# Spelt in two, or this file would find itself.
NOT_IN_PROJECT = ["../" + "shared", "../" + ".library", "/wor" + "k/", "/tmp" + "/h/"]

IMPORT = re.compile(
    r"(?:^|;)[ \t]*(?:@\w+(?:\([^)\n]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|actor|protocol|typealias|func|var|let)\s+)?`?(\w+)",
    re.M,
)
TOP_LEVEL_TYPE = re.compile(
    r"^(?:@\w+(?:\([^)\n]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private|final|indirect|nonisolated)\s+)*"
    r"(?:struct|class|enum|actor|protocol|typealias)\s+([A-Za-z_]\w*)",
    re.M,
)
ANY_TYPE = re.compile(r"\b(?:struct|class|enum|actor|protocol|typealias|associatedtype)\s+([A-Z]\w*)")


class Project:
    """The files of a project and what was found in them."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.files = sorted(_files(self.root))
        self.code = {}
        self.findings = []
        for name in self.files:
            if name.endswith(".swift"):
                self.code[name] = code_only((self.root / name).read_text(encoding="utf-8", errors="replace"))

    def sources(self, *folders):
        """(name, code) of the Swift files below the folders."""
        return [(name, code) for name, code in self.code.items() if name.startswith(folders or ("Sources/",))]

    def report(self, name, line, text):
        self.findings.append((name, line, text))


def _files(root):
    """What git tracks or would track; where there is no git, everything that is not in a hidden folder."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."],
        capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return {name for name in listed.stdout.split("\0") if name and (root / name).is_file()}
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return {
        path.as_posix() for path in found
        if all(not part.startswith(".") or part in (".ci", ".github") for part in path.parts[:-1])
    }


def line_of(text, place):
    return text.count("\n", 0, place) + 1


def room_of(name):
    return name.split("/")[1]


def check_calls(project):
    for name, code in project.sources():
        for look, call, instead, allowed in BANNED:
            if name.startswith(allowed):
                continue
            for match in look.finditer(code):
                project.report(name, line_of(code, match.start()), f"{call} is not used here; {instead}")
        if not name.startswith(COMPOSITION_ROOT):
            for match in CHANCE_CALL.finditer(code):
                if "using:" not in arguments(code, match.end()).replace(" ", ""):
                    project.report(
                        name, line_of(code, match.start()),
                        f".{match[1]}() without using: takes the system's random numbers; {CHANCE}")
    for name, code in project.sources("Tests/"):
        for match in () if name.startswith(TESTS_IN_REAL_TIME) else REAL_WAIT.finditer(code):
            project.report(
                name, line_of(code, match.start()), f"{match[0]} makes a test slow and unsteady; advance a ManualClock")


def arguments(code, start):
    """What stands between a parenthesis, just before `start`, and the one that closes it."""
    depth = 1
    for place in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[place], 0)
        if depth == 0:
            return code[start:place]
    return code[start:]


def imports(code):
    return [(match[1], line_of(code, match.start(1))) for match in IMPORT.finditer(code)]


def check_imports(project):
    declared = declared_dependencies(project)
    for name, code in project.sources():
        room = room_of(name)
        if room not in ROOMS:
            project.report(name, 1, f"the room {room} is not in scripts/lint.py; add it there and to ARCHITECTURE.md")
            continue
        ours, others = ROOMS[room]
        for module, line in imports(code):
            if module in SYSTEM:
                continue
            if module in ROOMS and module not in ours:
                project.report(
                    name, line, f"{room} may not know {module}, that is against the arrows of ARCHITECTURE.md; "
                    "define a port here and let WeChatPayCommand bind it")
            elif module not in ROOMS and module not in others:
                project.report(
                    name, line, f"{room} may not import {module}; use what the room has, or add it to scripts/lint.py "
                    "and, with its reason, to ARCHITECTURE.md")
            elif declared and module != "Dispatch" and COMES_WITH.get(module, module) not in declared.get(room, set()):
                project.report(name, line, f"{module} is not a dependency of {room} in Package.swift; add it there")
    for name, code in project.sources("Benchmarks/"):
        for module, line in imports(code):
            if module in ROOMS and module not in BENCHMARKS_MAY_KNOW:
                project.report(name, line, f"Benchmarks may not know {module}; measure the public libraries or the command")


def declared_dependencies(project):
    """The modules that Package.swift gives to each room, reporting those that the room may not have."""
    name = "Package.swift"
    if name not in project.files:
        return {}
    text = (project.root / name).read_text(encoding="utf-8")
    product = r'\.(?:product|target)\(\s*name:\s*"(\w+)"'
    variables = {match[1]: match[2] for match in re.finditer(rf"let\s+(\w+)\s*=\s*Target\.Dependency{product}", text)}
    declared = {}
    for match in re.finditer(r'(?:\broom\(\s*|\.(?:executableTarget|target)\(\s*name:\s*)"(\w+)"', text):
        room = match[1]
        begin = text.find("[", match.end())
        if room not in ROOMS or begin < 0:
            continue
        end = closing_bracket(text, begin)
        listed = text[begin:end]
        modules = {
            found[1] or found[2] or variables.get(found[3])
            for found in re.finditer(rf'{product}[^)]*\)|"(\w+)"|(?<![.\w"])([a-z]\w*)\b(?!\s*:)', listed)
        } - {None}
        declared[room] = modules
        ours, others = ROOMS[room]
        for module in sorted(modules - ours - others):
            project.report(
                name, line_of(text, match.start()),
                f"{room} may not depend on {module}; see the arrows in ARCHITECTURE.md and scripts/lint.py")
    for room in {room_of(file) for file, _ in project.sources() if room_of(file) in ROOMS} - set(declared):
        project.report(name, 1, f"the dependencies of {room} were not found; write its target as the others are written")
    return declared


def closing_bracket(text, begin):
    depth = 0
    for place in range(begin, len(text)):
        depth += {"[": 1, "]": -1}.get(text[place], 0)
        if depth == 0:
            return place
    return len(text)


def check_sandbox_is_apart(project):
    """WeChatPaySandbox names no model, sign string or validator of the SDK."""
    own = {found for _, code in project.sources("Sources/WeChatPaySandbox/") for found in ANY_TYPE.findall(code)}
    sdk = {
        found for room in ("Sources/WeChatPay/", "Sources/WeChatPayV2/") for name, code in project.sources(room)
        if not name.startswith(SDK_FOR_SANDBOX)
        for found in TOP_LEVEL_TYPE.findall(code)
    }
    qualified = (NOT_FOR_SANDBOX | sdk) - SDK_NAMES_FOR_SANDBOX
    forbidden = qualified - own
    for name, code in project.sources("Sources/WeChatPaySandbox/"):
        for match in re.finditer(r"(?<![\w])(?:WeChatPay(?:V2)?\s*\.\s*([A-Z]\w*)|(?<!\.)([A-Z]\w*))\b", code):
            if match[1] in qualified or match[2] in forbidden:
                project.report(
                    name, line_of(code, match.start()),
                    f"the sandbox may not use the SDK's {match[1] or match[2]}; only keys, ciphers and the Transport types: "
                    "shared code would hide a mistake on both sides")


def check_names(project):
    seen = {}
    for name in project.files:
        parts = name.split("/")
        for count in range(1, len(parts) + 1):
            path = "/".join(parts[:count])
            other = seen.setdefault(path.lower(), path)
            if other != path:
                project.report(name, 1, f"differs from {other} only in case, which macOS cannot keep apart; rename one")
                break
    for name, code in project.sources():
        for match in TOP_LEVEL_TYPE.finditer(code):
            if match[1] in ROOMS:
                project.report(
                    name, line_of(code, match.start(1)),
                    f"a type named like the module {match[1]} makes {match[1]}.Something unsayable; give it another name")


def check_length(project):
    for name, _ in project.sources():
        count = (project.root / name).read_bytes().count(b"\n")
        if count > LINES:
            project.report(name, LINES + 1, f"{count} lines; at most {LINES}: give the second subject a file of its own")


def check_words(project):
    for name in project.files:
        data = (project.root / name).read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", errors="replace").split("\n"), 1):
            for word in NOT_IN_PROJECT:
                if word in line:
                    project.report(name, number, f"{word} is a path of one machine; name what a clone has")


CHECKS = [check_calls, check_imports, check_sandbox_is_apart, check_names, check_length, check_words]


def lint(root):
    """All findings in the project at `root`, as lines."""
    project = Project(root)
    for check in CHECKS:
        check(project)
    return [f"{name}:{line}: {text}" for name, line, text in sorted(set(project.findings))]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    findings = lint(root)
    for finding in findings:
        print(finding)
    if findings:
        print(f"lint: {len(findings)} found", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
