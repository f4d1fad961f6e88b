internal import Vault

// The engine and the wire have types of the same names. These names are the engine's.

typealias EngineKeyMetadata = KeyMetadata
typealias EngineAccessKeyRecord = AccessKeyRecord
typealias EngineVisibility = Visibility
typealias EngineKeyState = KeyState
typealias EngineTimestamp = Timestamp
