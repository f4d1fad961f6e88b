/// Everything that can be asked of the vault over HTTP: the operation ids of the OpenAPI document.
package enum Operation: String, CaseIterable, Sendable {
    case status, health, openAPI, whoAmI
    case initialize, confirm, unseal, seal, authorize, recoverAccess, rekey
    case listSlots, putSlot, newRecoveryCode, removeSlot
    case rotateKeyring, rewrapKeyring, verifyStore
    case listKeys, importKeys, putKey, editKey, inspectKey, deleteKey, restoreKey, destroyKey
    case listRotations, rotateKey, planRotation, resumeRotation, abortRotation, rollBackRotation
    case pauseRotation, unpauseRotation, acknowledgeKey, confirmTime, rotationsWereRestored
    case retrieveValue, retrieveValues
    case listIssuers, createIssuer, inspectIssuer, editIssuer, deleteIssuer
    case listIssuedKeys, issueKey, inspectIssuedKey, importIssuedKeys, findIssuedKeys
    case revokeIssuedKey, disableIssuedKey, enableIssuedKey, rollIssuedKey, revokeIssuedKeys
    case verifyKey, verifyKeys, checkKey, checkKeyHead
    case enrol, listEnrolments, cancelEnrolment, exchangeEnrolment, rollOwnKey
    case listPolicies, reloadPolicies, explainDecision
    case usage, metrics
    case auditCheckpoint, verifyAudit
    case searchAudit
    /// A page of the console: no call of the API, and in no document of it.
    case page

    /// Which case it is, counted from 0. Its name is not looked at, as a dictionary would.
    var number: Int { unsafe Int(unsafeBitCast(self, to: UInt8.self)) }
}
