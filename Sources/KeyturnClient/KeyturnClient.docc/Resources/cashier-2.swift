import FoundationEssentials
import KeyturnClient

let settings = try KeyturnSettings(environment: ProcessInfo.processInfo.environment)
let vault = try KeyturnVault(settings)
let cashier = Cashier(stripe: try await vault.key("shop/stripe"))
