import PaymentPrimitives
import Yams

extension Configuration {
    /// The reference shop.
    struct Shop: Sendable {
        /// The id of the merchant that is paid. Required.
        let merchant: String
        /// The mini-program; one of the merchant's apps, with an app secret for the login. Required.
        let appid: String
        /// Whether whoever logs in may charge the code that a payer shows (`codepay`). Default false.
        let till: Bool
        /// What is sold: the list in `catalogue_file`. At least one.
        let catalogue: [Product]
    }

    /// One thing that the shop sells.
    struct Product: Sendable, Equatable {
        /// Different for each product: 1 to 64 letters, digits, `_` and `-`. Required.
        let sku: String
        /// Required.
        let name: String
        /// Default: the name.
        let nameEN: String?
        /// `price_fen` in CNY, at least one fen. Required.
        let price: Money
        /// Default: empty.
        let description: String
        /// Default: the description.
        let descriptionEN: String?
        /// A URL, or a path on this server. Default: no picture.
        let image: String?
    }
}

extension Configuration.Shop {
    enum Key: String, ConfigurationKey {
        case merchant, appid, till
        case catalogueFile = "catalogue_file"
    }

    init(_ section: ConfigurationSection<Key>, merchants: [Configuration.MerchantEntry]) {
        merchant = section.required(.merchant, .characters(.identifier, 1...32)) ?? ""
        appid = section.required(.appid, .characters(.alphanumeric, 1...32)) ?? ""
        till = section.optional(.till, .boolean) ?? false
        if !section.has(.catalogueFile) {
            section.loader.report("\(section.name(.catalogueFile)) is missing", at: section.place)
        }
        let file = section.contents(.catalogueFile) { path, _ throws(ConfigurationComplaint) in
            (path: path, bytes: try section.loader.readTrustedFile(path, limit: ConfigurationLoader.yamlLimit))
        }
        catalogue = file.map { Configuration.Product.read($0.bytes, file: $0.path, section.loader) } ?? []
        checkReferences(section, merchants)
    }

    private func checkReferences(_ section: ConfigurationSection<Key>, _ merchants: [Configuration.MerchantEntry]) {
        guard !merchant.isEmpty, let known = Configuration.ids(merchants) else { return }
        guard known.contains(merchant), let entry = merchants.first(where: { $0.id == merchant }) else {
            return section.report(
                "names no merchant: there is none with the id \(ConfigurationName.quoted(value: merchant))", at: .merchant)
        }
        guard entry.role == .merchant else {
            return section.report("must be a direct merchant: the shop has no sub-merchant to be paid", at: .merchant)
        }
        guard !appid.isEmpty, !entry.apps.contains(where: \.appid.isEmpty) else { return }
        guard let app = entry.apps.first(where: { $0.appid == appid }) else {
            return section.report("is none of the apps of merchant \(merchant)", at: .appid)
        }
        if app.appSecret == nil {
            section.report("needs an app_secret_file (or app_secret_env) in the apps of merchant \(merchant)", at: .appid)
        }
    }
}

extension Configuration.Product {
    enum Key: String, ConfigurationKey {
        case sku, name, description, image
        case nameEN = "name_en"
        case priceFen = "price_fen"
        case descriptionEN = "description_en"
    }

    fileprivate static func read(_ bytes: [UInt8], file: String, _ loader: ConfigurationLoader) -> [Self] {
        do throws(ConfigurationProblem) {
            let root = try ConfigurationYAML.node(bytes, file: file)
            guard case .sequence(let products) = root, !products.isEmpty else {
                throw ConfigurationProblem(file, root.mark, "a catalogue must be a list of products, with at least one")
            }
            let sections = products.enumerated().compactMap {
                ConfigurationSection<Key>($0.element, path: "product \($0.offset + 1)", file: file, loader: loader)
            }
            let read = sections.map { Self($0) }
            ConfigurationSection.refuseTwins(sections, read.map(\.sku), .sku)
            return read
        } catch {
            loader.report(error)
            return []
        }
    }

    private init(_ section: ConfigurationSection<Key>) {
        sku = section.required(.sku, .characters(.identifier, 1...64)) ?? ""
        name = section.required(.name, .text(1...127)) ?? ""
        nameEN = section.optional(.nameEN, .text(1...127))
        price = Money(fen: section.required(.priceFen, .wholeNumber(1...Int64(Int32.max))) ?? 1)
        description = section.optional(.description, .text(1...2000, allowsLines: true)) ?? ""
        descriptionEN = section.optional(.descriptionEN, .text(1...2000, allowsLines: true))
        image = section.optional(.image, .image)
    }
}
