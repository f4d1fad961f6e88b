internal import Vault

// The engine and the wire have types of the same names. These names are the engine's.

typealias EngineKeyMetadata = KeyMetadata
typealias EngineIssuedKeyRecord = IssuedKeyRecord
typealias EngineEnrolmentRecord = EnrolmentRecord
typealias EngineIssuerRecord = IssuerRecord
typealias EngineImportedKey = ImportedKey
typealias EngineVisibility = Visibility
typealias EngineIssuedKeyReport = IssuedKeyReport
typealias EngineIssuedKeyState = IssuedKeyState
typealias EngineKeyState = KeyState
typealias EngineTimestamp = Timestamp
