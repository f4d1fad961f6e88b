import SecretMemory
import Testing

@testable import Notices

@Suite("Signatures of notices")
struct NoticeSignatureTests {
    private let secret = WipedBytes(utf8: "a secret of some length")

    @Test("Another secret, second or body gives another signature")
    func others() {
        let same = NoticeSignature.text([1], secret: secret, at: 1_000)
        #expect(NoticeSignature.text([1], secret: WipedBytes(utf8: "another secret of it"), at: 1_000) != same)
        #expect(NoticeSignature.text([1], secret: secret, at: 2_000) != same)
        #expect(NoticeSignature.text([2], secret: secret, at: 1_000) != same)
        #expect(NoticeSignature.text([1], secret: secret, at: 1_999) == same, "whole seconds")
    }

    /// `printf '1800000000.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of some length'`
    @Test("A signature is what OpenSSL makes of the seconds, a full stop and the body")
    func openSSL() {
        #expect(
            NoticeSignature.text(Array(#"{"a":1}"#.utf8), secret: secret, at: 1_800_000_000_123)
                == "t=1800000000,v1=107a6fae5b2201c22462186ccbcbaf7c072a800b8e525490330dd7e353e475df")
    }
}
