"""Each rule of lint.py goes red on a planted snippet and stays green on a clean one."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from lint import lint  # noqa: E402
from swift_text import code_only  # noqa: E402

CLEAN = "Sources/Payments/Clean.swift"
PACKAGE = """
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
targets: [
    room("PaymentPrimitives", []),
    room("WeChatPay", ["PaymentPrimitives", crypto]),
    room("SQLDatabase", ["PaymentPrimitives", .product(name: "GRDB", package: "GRDB.swift")]),
    room("Payments", ["PaymentPrimitives", logging]),
    .executableTarget(name: "WeChatPayCommand", dependencies: ["Payments", .product(name: "Yams", package: "Yams")]),
    tests("PaymentsTests", ["Payments"]),
]
"""


class LintTest(unittest.TestCase):
    def lint(self, *files, git=False):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files:
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            if git:
                subprocess.run(["git", "init", "-q", folder], check=True)
            return lint(folder)

    def red(self, code, *words, file=CLEAN, line=2, more=()):
        """`code`, in the second line of the file, is found there, and nothing else."""
        found = self.lint((file, "// first\n" + code), *more)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{file}:{line}: "), found)
        for word in words:
            self.assertIn(word, found[0])
        self.assertIn(";", found[0], "it says what to do instead")

    def green(self, code, file=CLEAN, more=()):
        self.assertEqual(self.lint((file, "// first\n" + code), *more), [])


class Calls(LintTest):
    BANNED = [
        ("let now = Date()", "Date()"),
        ("let now = Date ( )", "Date()"),
        ("let now = Foundation.Date.init()", "Date()"),
        ("let now = Date.now", "Date.now"),
        ("let then = Date(timeIntervalSinceNow: 5)", "Date(timeIntervalSinceNow:)"),
        ("gettimeofday(&time, nil)", "gettimeofday"),
        ("clock_gettime(CLOCK_REALTIME, &time)", "clock_gettime"),
        ("let seconds = time(nil)", "time()"),
        ("let clock = ContinuousClock()", "ContinuousClock"),
        ("let start = SuspendingClock.now", "SuspendingClock"),
        ("try await work(clock: .continuous)", "clock of the system"),
        ("try await Task.sleep(for: .seconds(1))", "WallClock.sleep"),
        ("try await Task<Never, Never>.sleep(nanoseconds: 1)", "WallClock.sleep"),
        ("Thread.sleep(forTimeInterval: 1)", "WallClock.sleep"),
        ("DispatchQueue.main.asyncAfter(deadline: later) { work() }", "WallClock.sleep"),
        ("let id = UUID()", "IDGenerator"),
        ("let id = UUID().uuidString", "IDGenerator"),
        ("var generator = SystemRandomNumberGenerator()", "RandomSource"),
        ("let x = Int.random(in: 1...6)", "RandomSource"),
        ("let x = Bool.random()", "RandomSource"),
        ("let x = names.randomElement()", "RandomSource"),
        ("let x = names.shuffled()", "RandomSource"),
        ("names.shuffle()", "RandomSource"),
        ("let x = arc4random_uniform(6)", "RandomSource"),
        ("Task { await work() }", "unstructured"),
        ("Task(priority: .low) { await work() }", "unstructured"),
        ("Task<Void, Never> { await work() }", "unstructured"),
        ("let task = Task.init { await work() }", "unstructured"),
        ("Task.detached { await work() }", "detached"),
        ('print("hello")', "Logger"),
        ("debugPrint(value)", "Logger"),
        ("let x = try! work()", "try!"),
        ("let x = y as! String", "as?"),
        ('fatalError("no")', "throw"),
        # Time and waiting, said another way.
        ("let d: Date = .now", ".now"),
        ("work(at: .now)", ".now"),
        ("let d = later ?? .now", ".now"),
        ("let d: Date = .init()", "Date()"),
        ("var d: Date { .init() }", "Date()"),
        ("let d: Date? = .init ( )", "Date()"),
        ("let d = NSDate()", "NSDate()"),
        ("let left = deadline.timeIntervalSinceNow", "timeIntervalSinceNow"),
        ("let x = CFAbsoluteTimeGetCurrent()", "CFAbsoluteTimeGetCurrent"),
        ("let start = DispatchTime.now()", "DispatchTime.now()"),
        ("let end = NIODeadline.now() + .seconds(1)", "NIODeadline.now()"),
        ("let up = ProcessInfo.processInfo.systemUptime", "systemUptime"),
        ("let ticks = clock()", "clock()"),
        ("sleep(1)", "WallClock.sleep"),
        ("usleep(1)", "WallClock.sleep"),
        ("Foundation.sleep(1)", "WallClock.sleep"),
        ("Timer.scheduledTimer(withTimeInterval: 1, repeats: true) { _ in }", "Timer"),
        ("let timer = DispatchSource.makeTimerSource()", "makeTimerSource"),
        ("context.eventLoop.scheduleTask(in: .seconds(1)) { work() }", "scheduleTask"),
        ("loop.scheduleRepeatedTask(initialDelay: x, delay: x) { _ in }", "scheduleTask"),
        # Ids and chance.
        ("let id: UUID = .init()", "IDGenerator"),
        ("let id = NSUUID()", "IDGenerator"),
        ("let x = rand()", "RandomSource"),
        ("let x = random()", "RandomSource"),
        ("let x = Glibc.rand()", "RandomSource"),
        ("srandom(7)", "RandomSource"),
        ("let nonce = AES.GCM.Nonce()", "RandomSource"),
        ("let nonce: AES.GCM.Nonce = .init()", "RandomSource"),
        ("let key = SymmetricKey(size: .bits256)", "RandomSource"),
        ("let key: SymmetricKey = .init(size: .bits256)", "RandomSource"),
        # Work that nobody awaits.
        ("Task<Nested<Generic>, any Error> { try await work() }", "unstructured"),
        ("Task<(A<B<C>>) -> Void, Never>(priority: .low) { work }", "unstructured"),
        ("Task<\n    Void, Never\n> { await work() }", "unstructured"),
        ("let task: Task<Void, Never> = .init { await work() }", "unstructured"),
        ("let task: Task<Void, Never> = .detached { await work() }", "detached"),
        ("Task<Nested<Generic>, any Error>.detached { await work() }", "detached"),
        ("Task.immediate { await work() }", "unstructured"),
        ("typealias X = Task<Void, Never>", "another name"),
        ("typealias X<T> = _Concurrency.Task<T, Never>", "another name"),
        ("DispatchQueue.global().async { work() }", "async let"),
        ("queue.async(group: group) { work() }", "async let"),
        ("Thread { work() }.start()", "Thread"),
        ("Thread.detachNewThread { work() }", "Thread"),
        ("let future = loop.makeFutureWithTask { await work() }", "future"),
        ("promise.completeWithTask { await work() }", "future"),
        # Output and traps.
        ('fputs("hello", stderr)', "Logger"),
        ("FileHandle.standardOutput.write(data)", "Logger"),
        ("FileHandle.standardError.write(data)", "Logger"),
        ("let out: FileHandle = .standardError", "Logger"),
        ('preconditionFailure("no")', "throw"),
        ("precondition(x > 0)", "throw"),
    ]

    def test_each_banned_call_is_found_in_a_room(self):
        for code, word in self.BANNED:
            with self.subTest(code):
                self.red(code, word)

    def test_calls_that_only_look_alike_pass(self):
        for code in [
            "let day = Date(timeIntervalSince1970: 5)",
            "let update = update()",
            "let x = Int.random(in: 1...6, using: &generator)",
            "let x = Int.random(\n    in: limits(1, 6),\n    using: &generator)",
            "let x = names.shuffled(using: &generator)",
            "let x = source.random.bytes(16)",
            "try await clock.sleep(until: deadline)",
            "func sleep(until deadline: Timestamp) async throws",
            "await withTaskGroup { group in group.addTask { work() } }",
            "try await withThrowingTaskGroup(of: Void.self) { _ in }",
            "extension Task {}",
            "MyTask { }",
            "try Task.checkCancellation()",
            "if Task.isCancelled { return }",
            "try work()",
            "let x = try? work()",
            "let x = y as? String",
            "logger.info(blueprint(x))",
            "let id = UUID(uuidString: text)",
            "let now = clock.now",
            "let now = clock\n    .now",
            "let now = clock?.now",
            "if deadline <= state.now { return }",
            "init(now: Timestamp) { self.now = now }",
            "let d: Date = .distantPast",
            "let options: Options = .init()",
            "let x = self.clock()",
            "func clock() -> any WallClock",
            "try await sleep(until: deadline)",
            "func random(_ count: Int) -> [UInt8]",
            "let x = source.random(16)",
            "let x = random(16)",
            "let nonce = try AES.GCM.Nonce(data: bytes)",
            "let key = SymmetricKey(data: bytes)",
            "let id: UUID = .init(uuid: bytes)",
            "var task: Task<Void, Never>?",
            "let all: [Task<Void, Never>] = []",
            "async let x = work()",
            "typealias Work = TaskGroup<Void>",
            "let thread = MyThread { }",
            "work.async = true",
        ]:
            with self.subTest(code):
                self.green(code)

    def test_the_composition_root_may_use_the_machine(self):
        for code in ["let now = Date()", "Task { await work() }", "let id = UUID()", "try await Task.sleep(for: x)", "print(1)"]:
            with self.subTest(code):
                self.green(code, file="Sources/WeChatPayCommand/Main.swift")
        self.green("clock_gettime(CLOCK_REALTIME, &time)", file="Sources/PaymentPrimitives/SystemClock.swift")
        self.green("var g = SystemRandomNumberGenerator()", file="Sources/PaymentPrimitives/SystemRandom.swift")

    def test_wire_time_another_process_and_a_blocking_close_are_the_exceptions(self):
        deadlines = "Sources/PaymentServer/HTTP/RequestDeadlineHandler.swift"
        transport = "Sources/WeChatPay/Transport/A.swift"
        opening = "Sources/SQLDatabase/SQLite/SQLiteDatabase+Open.swift"
        closing = "Sources/SQLDatabase/SQLite/SQLiteDatabase.swift"
        for code, file in [
            ("context.eventLoop.scheduleTask(in: limit) { close() }", deadlines), ("loop.scheduleTask(deadline: end) {}", transport),
            ("let end = NIODeadline.now() + limit", transport), ("usleep(10_000)", opening),
            ("DispatchQueue.global().async { close() }", closing),
        ]:
            with self.subTest(code):
                self.green(code, file=file)
                self.red(code, file="Sources/PaymentServer/HTTP/Another.swift")
        self.red("usleep(10_000)", file=closing)
        self.red("let now = Date()", file=transport)

    def test_nowhere_may_a_failure_end_the_process(self):
        for code in ["let x = try! work()", "let x = y as! String", 'fatalError("no")', 'preconditionFailure("no")']:
            with self.subTest(code):
                self.red(code, file="Sources/WeChatPayCommand/Main.swift")

    def test_only_the_command_prints(self):
        for code in ["print(now)", 'fputs("x", stderr)', "FileHandle.standardError.write(data)"]:
            with self.subTest(code):
                self.red(code, "Logger", file="Sources/PaymentPrimitives/SystemClock.swift")
                self.green(code, file="Sources/WeChatPayCommand/Main.swift")

    def test_a_test_does_not_wait(self):
        for code in [
            "try await Task.sleep(for: .seconds(1))", "Thread.sleep(forTimeInterval: 1)", "usleep(10)", "sleep(1)",
            "try await ContinuousClock().sleep(for: .seconds(1))", "try await SuspendingClock().sleep(until: later)",
            "try await continuous.sleep(for: .seconds(1))", "Foundation.sleep(1)",
        ]:
            with self.subTest(code):
                self.red(code, "ManualClock", file="Tests/PaymentsTests/SomeTests.swift")
        self.green("let now = Date(); try await clock.sleep(until: x)", file="Tests/PaymentsTests/SomeTests.swift")
        self.green("try await Task.sleep(for: .seconds(1))", file="Tests/WeChatPayCommandTests/KillTests.swift")


class Text(LintTest):
    def test_what_stands_in_a_comment_or_a_string_is_not_code(self):
        for code in [
            "// Date()",
            "/// ``Date()`` and `Task { }`",
            "/* Date() /* UUID() */ try! */",
            'let text = "Date()"',
            r'let text = "a \" Date()"',
            'let text = """\n    Date() "quoted" try! \\(name)\n    """',
            'let text = #"a "Date()" \\(Date())"#',
            'let text = ##"""\n    "# Date() "##\n    try!\n    """##'.replace('"##\n    try!', '"#\n    try!'),
        ]:
            with self.subTest(code):
                self.green(code)

    def test_what_stands_in_an_interpolation_is_code(self):
        for code in [
            r'let text = "now: \(Date())"',
            r'let text = "now: \(f("x", Date()))"',
            r'let text = #"now: \#(Date())"#',
            'let text = """\n\\(Date())\n"""',
        ]:
            with self.subTest(code):
                self.assertEqual(len(self.lint((CLEAN, code))), 1)

    def test_code_after_a_comment_or_a_string_is_still_code(self):
        for code in ['let a = "x"; let b = Date()', "/* x */ let b = Date()", 'f("//"); let b = Date()', "f(\"/*\")\nlet b = Date()"]:
            with self.subTest(code):
                self.assertEqual(len(self.lint((CLEAN, code))), 1)

    def test_places_stay(self):
        text = 'a /* b\nc */ "d\\(e)f" // g\n"""\nh\n"""\ni'
        self.assertEqual(len(code_only(text)), len(text))
        self.assertEqual([len(line) for line in code_only(text).split("\n")], [len(line) for line in text.split("\n")])


class Imports(LintTest):
    def test_an_import_against_the_arrows_is_found(self):
        for room, module in [
            ("PaymentPrimitives", "WeChatPay"), ("WeChatPay", "Payments"), ("Payments", "WeChatPay"), ("Payments", "SQLDatabase"),
            ("PaymentServer", "PaymentStore"), ("PaymentServer", "WeChatPay"), ("PaymentStore", "PaymentServer"),
            ("PaymentChannels", "SQLDatabase"), ("Shop", "PaymentStore"), ("WeChatPaySandbox", "Payments"),
            ("SQLDatabase", "Payments"),
        ]:
            with self.subTest(f"{room} -> {module}"):
                self.red(f"import {module}", "arrows", room, module, file=f"Sources/{room}/A.swift")

    def test_however_it_is_written(self):
        for code in [
            "@testable import WeChatPay", "public import WeChatPay", "import struct WeChatPay.Client",
            "@preconcurrency internal import WeChatPay", "@_spi(Inside) import WeChatPay",
            "import `WeChatPay`", "import Foundation; import WeChatPay", "import Foundation;@testable import struct `WeChatPay`.Client",
        ]:
            with self.subTest(code):
                self.red(code, "arrows")

    def test_a_foreign_module_in_the_wrong_room_is_found(self):
        for room, module in [
            ("PaymentStore", "GRDB"), ("Payments", "Hummingbird"), ("Payments", "Yams"), ("PaymentServer", "Yams"),
            ("Shop", "Configuration"), ("PaymentServer", "ArgumentParser"), ("WeChatPay", "Hummingbird"), ("Payments", "Nonsense"),
        ]:
            with self.subTest(f"{room} -> {module}"):
                self.red(f"import {module}", "may not import", file=f"Sources/{room}/A.swift")

    def test_imports_along_the_arrows_pass(self):
        for room, code in [
            ("WeChatPay", "import Crypto\nimport Foundation\nimport PaymentPrimitives"),
            ("PaymentStore", "import Payments\nimport SQLDatabase"),
            ("SQLDatabase", "import GRDB"),
            ("Shop", "import Hummingbird\nimport SQLDatabase"),
            ("WeChatPayCommand", "import ArgumentParser\nimport PaymentServer\nimport Yams"),
            ("Payments", "// import GRDB\nlet text = \"import GRDB\""),
        ]:
            with self.subTest(room):
                self.green(code, file=f"Sources/{room}/A.swift")

    def test_an_unknown_room_is_found(self):
        self.red("", "lint.py", file="Sources/Attic/A.swift", line=1)

    def test_package_and_rooms_agree(self):
        package = ("Package.swift", PACKAGE)
        self.green("import Logging", more=[package])
        self.green("import GRDB", file="Sources/SQLDatabase/A.swift", more=[package])
        self.green("import Yams", file="Sources/WeChatPayCommand/A.swift", more=[package])
        self.red("import Logging", "Package.swift", file="Sources/WeChatPay/A.swift", more=[package])

    def test_a_dependency_in_the_package_against_the_arrows_is_found(self):
        for wrong, word in [
            (PACKAGE.replace('room("WeChatPay", [', 'room("WeChatPay", ["Payments", '), "Payments"),
            (PACKAGE.replace('room("Payments", [', 'room("Payments", [crypto, '), "Crypto"),
            (PACKAGE.replace('["PaymentPrimitives", logging]', '["PaymentPrimitives", .product(name: "GRDB", package: "GRDB.swift")]'), "GRDB"),
        ]:
            with self.subTest(word):
                found = self.lint((CLEAN, ""), ("Package.swift", wrong))
                self.assertEqual(len(found), 1, found)
                self.assertRegex(found[0], rf"^Package\.swift:\d+: .*may not depend on {word};")

    def test_a_room_that_the_package_does_not_list_is_found(self):
        found = self.lint(("Sources/Shop/A.swift", ""), ("Package.swift", PACKAGE))
        self.assertEqual(len(found), 1, found)
        self.assertIn("Shop", found[0])

    def test_benchmarks_see_what_a_user_sees(self):
        self.green("import WeChatPay", file="Benchmarks/Sources/bench/A.swift")
        self.red("import PaymentStore", "Benchmarks", file="Benchmarks/Sources/bench/A.swift")


class Sandbox(LintTest):
    FILE = "Sources/WeChatPaySandbox/A.swift"
    SDK = [
        ("Sources/WeChatPay/Client/SignString.swift", "package enum SignString {}"),
        ("Sources/WeChatPay/Errors/WeChatPayError.swift", "public struct WeChatPayError {}"),
        ("Sources/WeChatPay/Errors/ErrorBody.swift", "struct ErrorBody {}"),
        ("Sources/WeChatPay/Crypto/AESGCM.swift", "package enum AESGCM {}"),
        ("Sources/WeChatPay/Transport/Transport.swift", "public protocol Transport {}"),
    ]

    def test_the_sdks_models_are_not_for_the_sandbox(self):
        for code in [
            "let client = Client(merchant: x)", "let x: WeChatPay.Merchant", "func f(_ t: Transaction) {}",
            "let all: [Transaction: Int] = [:]", "try StrictJSON.parse(bytes)", "let text = SignString.of(x)",
            "extension SandboxChannel: PaymentChannel {}", "let body = ErrorBody()",
        ]:
            with self.subTest(code):
                self.red(code, "the sandbox may not use", file=self.FILE, more=self.SDK)

    def test_keys_ciphers_and_transports_are(self):
        self.green("let t: any Transport\nlet c = AESGCM.self\nthrow WeChatPayError()\nlet o: SandboxMerchant", file=self.FILE, more=self.SDK)

    def test_its_own_types_may_have_the_same_name(self):
        self.green(
            "struct Transaction {}\nlet t = Transaction()\nlet o = Sandbox.Merchant()", file=self.FILE, more=self.SDK)
        self.red("struct Transaction {}; let t = WeChatPay.Transaction()", "Transaction", file=self.FILE, more=self.SDK)


class Files(LintTest):
    def test_names_that_differ_only_in_case_are_found(self):
        for one, other in [("docs/Readme.md", "docs/README.md"), ("docs/a.md", "Docs/b.md")]:
            with self.subTest(one):
                found = self.lint((one, ""), (other, ""), git=True)
                self.assertEqual(len(found), 1, found)
                self.assertIn("case", found[0])
        self.assertEqual(self.lint(("docs/a.md", ""), ("docs/b.md", ""), ("README.md", ""), git=True), [])

    def test_a_type_named_like_a_module_is_found(self):
        self.red("public struct Payments {}", "module Payments")
        self.green("enum Kind { case shop }\n    struct Shop {}")

    def test_a_long_file_is_found(self):
        self.assertEqual(self.lint((CLEAN, "//\n" * 400)), [])
        found = self.lint((CLEAN, "//\n" * 401))
        self.assertEqual(len(found), 1, found)
        self.assertIn("401 lines", found[0])
        self.assertEqual(self.lint(("Tests/PaymentsTests/LongTests.swift", "//\n" * 401)), [])

    def test_paths_of_one_machine_are_found(self):
        for word in ["../" + "shared/x.md", "cd /wor" + "k/main"]:
            with self.subTest(word):
                found = self.lint(("docs/a.md", "# a\n" + word))
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith("docs/a.md:2: "), found)
        self.assertEqual(self.lint(("docs/a.md", "shared work, network/io")), [])

    def test_what_git_ignores_is_not_read(self):
        files = [(".gitignore", ".build\n"), (".build/checkouts/x/Sources/Payments/A.swift", "let now = Date()"), (CLEAN, "")]
        self.assertEqual(self.lint(*files, git=True), [])
        self.assertEqual(self.lint(*files), [])


class CommandLine(unittest.TestCase):
    def test_it_fails_with_a_line_for_each_finding(self):
        script = pathlib.Path(__file__).resolve().parent / "lint.py"
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, CLEAN)
            path.parent.mkdir(parents=True)
            path.write_text("let a = 1\n")
            run = lambda: subprocess.run(  # noqa: E731
                [sys.executable, "-B", str(script), folder], capture_output=True, text=True, check=False)
            clean = run()
            self.assertEqual((clean.returncode, clean.stdout), (0, ""))
            path.write_text("let a = Date()\nlet b = UUID()\n")
            red = run()
            self.assertEqual(red.returncode, 1)
            self.assertEqual(len(red.stdout.splitlines()), 2)


if __name__ == "__main__":
    unittest.main()
