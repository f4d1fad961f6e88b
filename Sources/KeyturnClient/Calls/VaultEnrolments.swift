package import VaultAPI

extension KeyturnVault {
    /// `POST /v1/access:enrol`.
    package func enrol(_ request: EnrolRequest) async throws(KeyturnClientError) -> NewEnrolment {
        try await send(try Call(.post, "/v1/access:enrol").sending(request))
    }

    /// `GET /v1/access/enrolments`.
    package func enrolments() async throws(KeyturnClientError) -> EnrolmentList {
        try await send(Call(.get, "/v1/access/enrolments"))
    }

    /// `POST /v1/access/enrolments/{id}:cancel`.
    package func cancelEnrolment(_ id: String) async throws(KeyturnClientError) -> EnrolmentRecord {
        try await send(Call(.post, "/v1/access/enrolments/\(PercentEncoding.encode(id)):cancel"))
    }

    /// `POST /v1/access:exchange`: the access key that a code stands for. A code is good once.
    package func exchange(code: SecretText) async throws(KeyturnClientError) -> NewIssuedKey {
        try await send(try Call(.post, "/v1/access:exchange").sending(ExchangeRequest(code: code)))
    }
}
