import Crypto
import PaymentPrimitives
import PaymentServer
import Payments

extension Configuration {
    /// Who may use `/v1`, as the server knows them: with the digests of their keys, and what they see.
    var apiClients: [PaymentServer.APIClient] {
        clients.map { client in
            PaymentServer.APIClient(
                name: client.name, scopes: client.merchants.map { scope(of: client, in: $0) },
                keyDigest: client.apiKey.withBytes { Array(SHA256.hash(data: $0)) })
        }
    }

    /// Where clients are told of events.
    var webhookEndpoints: [WebhookEndpoint] {
        clients.compactMap { client in
            client.webhook.map { webhook in
                WebhookEndpoint(
                    client: client.name, url: webhook.url, scopes: client.merchants.map { scope(of: client, in: $0) },
                    keys: webhook.keys, allowsPrivateAddresses: webhook.allowsPrivateAddresses)
            }
        }
    }

    /// A list of sub-merchants narrows the service providers among a client's merchants; the others have none.
    private func scope(of client: APIClient, in id: String) -> MerchantScope {
        guard let chosen = client.subMerchants, let own = merchants.first(where: { $0.id == id })?.subMerchants else {
            return MerchantScope(id)
        }
        return MerchantScope(id, subMchids: own.map(\.subMchid).filter(chosen.contains))
    }
}
