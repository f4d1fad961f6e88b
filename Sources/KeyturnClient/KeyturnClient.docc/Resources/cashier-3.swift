import FoundationEssentials
import KeyturnClient

/// Charges a card with the key as it is now; the handle knows of a rotation within moments.
struct Cashier {
    let stripe: KeyturnKey

    func charge(_ amount: Int, with provider: Provider) async -> Bool {
        await provider.charge(amount, key: stripe.current.text() ?? "")
    }
}

let settings = try KeyturnSettings(environment: ProcessInfo.processInfo.environment)
let vault = try KeyturnVault(settings)
let cashier = Cashier(stripe: try await vault.key("shop/stripe"))
