import Foundation
package import SQLDatabase

/// The engines on which every test of storage runs.
package enum Engine: String, CaseIterable, Sendable {
    case sqlite, postgresql

    /// Gives a new, empty database that is removed afterwards.
    package func withDatabase<T>(_ body: (_ database: any Database) async throws -> T) async throws -> T {
        try await withAddress { address in
            let database = try await DatabaseURL(address).open()
            do {
                let value = try await body(database)
                try await database.close()
                return value
            } catch {
                try await database.close()
                throw error
            }
        }
    }

    /// Gives the address of a new, empty database, which may be opened more than once.
    package func withAddress<T>(_ body: (_ address: String) async throws -> T) async throws -> T {
        switch self {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.path + "/engine-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            return try await body("sqlite://" + folder + "/test.sqlite")
        case .postgresql:
            let address = try await PostgreSQLServer.newSchema()
            do {
                let value = try await body(address)
                try await PostgreSQLServer.drop(address)
                return value
            } catch {
                try? await PostgreSQLServer.drop(address)
                throw error
            }
        }
    }
}
