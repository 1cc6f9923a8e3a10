import Foundation
import PaymentPrimitives
import SwiftASN1
import WeChatPay
import X509

/// A folder that holds a sandbox between its starts: `sandbox.json`, the PEM files that it names, and `state.json`.
///
/// What is missing is made, what is there is kept. Private keys are readable by their owner only. `sandbox.json` may be
/// edited; fields that the sandbox does not know stay in it.
public struct SandboxDirectory {
    private let folder: URL
    private let random: any RandomSource
    private let now: Timestamp
    private var keyMaker: KeyMaker?

    /// Loads or makes the folder.
    ///
    /// - Parameters:
    ///   - path: the folder; made with mode 0700 when it is missing.
    ///   - baseURL: where the sandbox will be reached; written to `base_url` of `sandbox.json`.
    ///   - random: for secrets and serial numbers. RSA keys always come from the operating system's randomness.
    ///   - clock: wire time; new certificates are valid for five years from it.
    /// - Throws: ``SandboxError`` with code `invalidSetup` (which names file and field) or `storage`.
    public static func open(
        _ path: String, baseURL: String, random: any RandomSource = SystemRandom(), clock: any WallClock = SystemClock()
    ) throws -> (setup: SandboxSetup, store: any SandboxStateStore) {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        var directory = SandboxDirectory(folder: folder, random: random, now: clock.now)
        try directory.makeFolder(folder)
        let lock = try FolderLock(folder)
        let setup = try directory.load(baseURL: baseURL)
        return (setup, SandboxStateFile(url: folder.appendingPathComponent("state.json"), lock: lock))
    }

    /// Reads the merchants and users of a folder that a sandbox may be using: for a client or a test beside it.
    ///
    /// Changes nothing.
    /// - Throws: ``SandboxError`` with code `invalidSetup` (which names file and field) or `storage`.
    public static func setup(of path: String) throws -> SandboxSetup {
        let directory = SandboxDirectory(
            folder: URL(fileURLWithPath: path, isDirectory: true), random: SystemRandom(), now: SystemClock().now)
        guard let bytes = try directory.read(directory.file) else {
            throw SandboxError(.storage, "\(directory.file.path) is missing")
        }
        let root = try directory.parse(bytes)
        let entries = root["merchants"]?.array ?? []
        return SandboxSetup(
            merchants: try entries.enumerated().map { try directory.merchant($1, at: "/merchants/\($0)") },
            users: try directory.users(root["users"]))
    }

    private init(folder: URL, random: any RandomSource, now: Timestamp) {
        self.folder = folder
        self.random = random
        self.now = now
    }

    private var file: URL { folder.appendingPathComponent("sandbox.json") }

    private mutating func load(baseURL: String) throws -> SandboxSetup {
        let old = try read(file)
        var root = try old.map(parse) ?? Self.outline
        guard root.members != nil else { throw wrong("", "must be an object") }
        root = root.setting("base_url", to: .string(baseURL))
        guard let entries = root["merchants"]?.array else { throw wrong("/merchants", "must be a list") }
        var completed: [JSONValue] = []
        for (index, entry) in entries.enumerated() { completed.append(try complete(entry, at: "/merchants/\(index)")) }
        root = root.setting("merchants", to: .array(completed))
        let text = root.serialised(.pretty) + [0x0A]
        if text != old { try write(text, to: file, isPrivate: true) }
        let setup = SandboxSetup(
            merchants: try completed.enumerated().map { try merchant($1, at: "/merchants/\($0)") },
            users: try users(root["users"]))
        do {
            _ = try Platform(setup)
        } catch { throw SandboxError(.invalidSetup, "\(file.path): \(error.message)") }
        return setup
    }

    private func parse(_ bytes: [UInt8]) throws(SandboxError) -> JSONValue {
        do {
            return try JSONParser.parse(bytes)
        } catch { throw SandboxError(.invalidSetup, "\(file.path) is not JSON: \(error)") }
    }

    /// What a first start begins with.
    private static var outline: JSONValue {
        .record(
            ("base_url", ""),
            (
                "merchants",
                .array(
                    MerchantOutline.standard.map { merchant in
                        .record(
                            ("mchid", .string(merchant.mchid)), ("name", .string(merchant.name)),
                            ("role", .string(merchant.role.rawValue)), ("key_mode", .string(merchant.keyMode.rawValue)),
                            ("appid", .string(merchant.appid)),
                            (
                                "sub_merchants",
                                merchant.subMerchants.isEmpty
                                    ? nil
                                    : .array(
                                        merchant.subMerchants.map {
                                            .record(
                                                ("sub_mchid", .string($0.subMchid)), ("name", .string($0.name)),
                                                ("sub_appid", .text($0.subAppid)))
                                        })
                            ))
                    })
            ),
            (
                "users",
                .array(
                    SandboxSetup.standardUsers.map {
                        .record(
                            ("openid", .string($0.openid)), ("appid", .string($0.appid)),
                            ("balance_fen", .integer($0.balanceFen)))
                    })
            ))
    }
}

// MARK: Making what is missing

extension SandboxDirectory {
    private mutating func complete(_ entry: JSONValue, at pointer: String) throws -> JSONValue {
        guard entry.members != nil else { throw wrong(pointer, "must be an object") }
        let mchid = try text(entry, "mchid", at: pointer)
        guard !mchid.isEmpty, mchid.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw wrong(pointer + "/mchid", "must be digits")
        }
        _ = try text(entry, "appid", at: pointer)
        var entry = entry
        func fill(_ name: String, _ value: @autoclosure () throws -> String) rethrows {
            if entry[name] == nil { entry = entry.setting(name, to: .string(try value())) }
        }
        fill("name", mchid)
        fill("role", "merchant")
        fill("key_mode", "migrating")
        fill("app_secret", Hex.lower(random.bytes(16)))
        fill("api_v2_key", random.alphanumeric(32))
        fill("api_v3_key", random.alphanumeric(32))
        let (key, certificate) = ("\(mchid)/apiclient_key.pem", "\(mchid)/apiclient_cert.pem")
        fill("private_key", key)
        fill("certificate", certificate)
        fill("platform_certificate", "\(mchid)/platform_cert.pem")
        fill("platform_private_key", "\(mchid)/platform_key.pem")
        fill("public_key", "\(mchid)/pub_key.pem")
        fill("public_key_private", "\(mchid)/pub_key_private.pem")
        let serials = [
            (
                "serial_no",
                try makePair(entry, "private_key", "certificate", "Sandbox merchant", mchid, at: pointer)
            ),
            (
                "platform_serial",
                try makePair(
                    entry, "platform_private_key", "platform_certificate", "Tenpay.com", "Tenpay.com sign", at: pointer)
            ),
        ]
        // A new certificate has a new serial, whatever stood here.
        for case (let name, let serial?) in serials { entry = entry.setting(name, to: .string(serial)) }
        try fill("serial_no", serial(of: entry, "certificate", at: pointer))
        try fill("platform_serial", serial(of: entry, "platform_certificate", at: pointer))
        fill("public_key_id", "PUB_KEY_ID_01\(mchid)\(BeijingDate(now).description.filter(\.isNumber))00000000")
        try makePublicKey(entry, at: pointer)
        return entry
    }

    /// Makes a private key and its certificate where they are missing, and returns the serial of a new certificate.
    private mutating func makePair(
        _ entry: JSONValue, _ keyName: String, _ certificateName: String, _ organization: String, _ commonName: String,
        at pointer: String
    ) throws -> String? {
        let keyFile = folder.appendingPathComponent(try text(entry, keyName, at: pointer))
        let certificateFile = folder.appendingPathComponent(try text(entry, certificateName, at: pointer))
        guard try read(certificateFile) == nil else {
            guard try read(keyFile) != nil else {
                throw wrong(
                    "\(pointer)/\(keyName)",
                    "\(keyFile.path) is missing, but its certificate is there: restore it, or remove both")
            }
            return nil
        }
        let key: String
        if let old = try read(keyFile) {
            key = String(decoding: old, as: UTF8.self)
        } else {
            key = try KeyMaker.privateKeyPEM()
            try write(Array(key.utf8), to: keyFile, isPrivate: true)
        }
        let maker = try keyMaker ?? KeyMaker(random: random, now: now)
        keyMaker = maker
        let certificate = try maker.certificatePEM(for: key, commonName: commonName, organization: organization)
        try write(Array(certificate.utf8), to: certificateFile, isPrivate: false)
        return try Certificate(pemEncoded: certificate).serialNumberHex
    }

    private func makePublicKey(_ entry: JSONValue, at pointer: String) throws {
        let privateFile = folder.appendingPathComponent(try text(entry, "public_key_private", at: pointer))
        let publicFile = folder.appendingPathComponent(try text(entry, "public_key", at: pointer))
        if try read(privateFile) == nil {
            guard try read(publicFile) == nil else {
                throw wrong(
                    "\(pointer)/public_key_private",
                    "\(privateFile.path) is missing, but its public key is there: restore it, or remove both")
            }
            try write(Array(try KeyMaker.privateKeyPEM().utf8), to: privateFile, isPrivate: true)
        }
        guard try read(publicFile) == nil else { return }
        let pem = try pem(entry, "public_key_private", at: pointer)
        do {
            try write(Array((try MerchantPrivateKey(pem: pem).publicKeyPEM + "\n").utf8), to: publicFile, isPrivate: false)
        } catch is WeChatPayError {
            throw wrong("\(pointer)/public_key_private", "\(privateFile.path) is not a PEM RSA private key")
        }
    }

    private func serial(of entry: JSONValue, _ name: String, at pointer: String) throws -> String {
        do {
            return try Certificate(pemEncoded: try pem(entry, name, at: pointer)).serialNumberHex
        } catch let error as SandboxError {
            throw error
        } catch { throw wrong("\(pointer)/\(name)", "is not a PEM certificate") }
    }
}

// MARK: Reading

extension SandboxDirectory {
    private func merchant(_ entry: JSONValue, at pointer: String) throws -> SandboxMerchant {
        func text(_ name: String) throws -> String { try self.text(entry, name, at: pointer) }
        func pem(_ name: String) throws -> String { try self.pem(entry, name, at: pointer) }
        func choice<Value: RawRepresentable & CaseIterable>(_ name: String) throws -> Value where Value.RawValue == String {
            guard let value = Value(rawValue: try text(name)) else {
                let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw wrong("\(pointer)/\(name)", "must be one of: \(allowed)")
            }
            return value
        }
        return SandboxMerchant(
            mchid: try text("mchid"), name: try text("name"), role: try choice("role"), keyMode: try choice("key_mode"),
            appid: try text("appid"), appSecret: Secret(try text("app_secret")),
            apiV2Key: Secret(entry["api_v2_key"] == nil ? "" : try text("api_v2_key")), apiV3Key: Secret(try text("api_v3_key")),
            serialNo: try text("serial_no"), privateKeyPEM: try pem("private_key"), certificatePEM: try pem("certificate"),
            platformSerial: try text("platform_serial"), platformCertificatePEM: try pem("platform_certificate"),
            platformPrivateKeyPEM: try pem("platform_private_key"), publicKeyID: try text("public_key_id"),
            publicKeyPEM: try pem("public_key"), publicKeyPrivatePEM: try pem("public_key_private"),
            subMerchants: try subMerchants(entry["sub_merchants"], at: pointer + "/sub_merchants"),
            refundNotifyURL: entry["refund_notify_url"] == nil ? nil : try text("refund_notify_url"))
    }

    private func subMerchants(_ value: JSONValue?, at pointer: String) throws -> [SandboxMerchant.SubMerchant] {
        guard let value else { return [] }
        guard let entries = value.array else { throw wrong(pointer, "must be a list") }
        return try entries.enumerated().map { index, entry in
            let here = "\(pointer)/\(index)"
            let appid = entry["sub_appid"] == nil ? nil : try text(entry, "sub_appid", at: here)
            return .init(
                subMchid: try text(entry, "sub_mchid", at: here), name: try text(entry, "name", at: here), subAppid: appid)
        }
    }

    private func users(_ value: JSONValue?) throws -> [SandboxUser] {
        guard let entries = (value ?? .array([])).array else { throw wrong("/users", "must be a list") }
        return try entries.enumerated().map { index, entry in
            let here = "/users/\(index)"
            var balance: Int64 = 1_000_000
            if let value = entry["balance_fen"] {
                guard let number = value.int64, number >= 0 else {
                    throw wrong(here + "/balance_fen", "must be a whole number of fen, 0 or more")
                }
                balance = number
            }
            return SandboxUser(
                openid: try text(entry, "openid", at: here), appid: try text(entry, "appid", at: here), balanceFen: balance)
        }
    }

    private func text(_ entry: JSONValue, _ name: String, at pointer: String) throws(SandboxError) -> String {
        guard let value = entry[name]?.string else { throw wrong("\(pointer)/\(name)", "must be a text") }
        return value
    }

    private func pem(_ entry: JSONValue, _ name: String, at pointer: String) throws -> String {
        let url = folder.appendingPathComponent(try text(entry, name, at: pointer))
        guard let bytes = try read(url) else { throw wrong("\(pointer)/\(name)", "\(url.path) is missing") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func wrong(_ pointer: String, _ reason: String) -> SandboxError {
        SandboxError(.invalidSetup, "\(file.path): \(pointer) \(reason)")
    }
}

// MARK: Files

/// The system's reason in words, without Foundation's wrapping.
func posixReason(_ error: any Error) -> String {
    let reason = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? error as NSError
    return reason.domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(reason.code))) : reason.localizedDescription
}

extension SandboxDirectory {
    private func makeFolder(_ url: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw SandboxError(.storage, "the folder \(url.path) cannot be made: \(posixReason(error))") }
    }

    private func read(_ url: URL) throws(SandboxError) -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        do {
            return Array(try Data(contentsOf: url))
        } catch { throw SandboxError(.storage, "\(url.path) cannot be read: \(posixReason(error))") }
    }

    private func write(_ bytes: [UInt8], to url: URL, isPrivate: Bool) throws {
        try makeFolder(url.deletingLastPathComponent())
        guard
            FileManager.default.createFile(
                atPath: url.path, contents: Data(bytes), attributes: [.posixPermissions: isPrivate ? 0o600 : 0o644])
        else { throw SandboxError(.storage, "\(url.path) cannot be written") }
    }
}
