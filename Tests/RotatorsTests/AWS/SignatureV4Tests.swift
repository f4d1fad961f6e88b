import Outbound
import SecretMemory
import Testing

@testable import Rotators

/// The examples of AWS's documentation and of its signature test suite.
@Suite("Signatures of AWS, version 4")
struct SignatureV4Tests {
    private static let moment = "20150830T123600Z"
    private static let host = (name: "host", value: "example.amazonaws.com")
    private static let date = (name: "x-amz-date", value: moment)

    private func signing(_ service: String) -> SignatureV4 {
        SignatureV4(
            accessKeyID: "AKIDEXAMPLE", secret: WipedBytes(utf8: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", service: service)
    }

    @Test("Another secret, day, region, service, header or body gives another signature")
    func others() {
        let text = "AWS4-HMAC-SHA256"
        let same = signing("iam").signature(of: text, at: Self.moment)
        #expect(signing("sts").signature(of: text, at: Self.moment) != same)
        #expect(signing("iam").signature(of: text, at: "20150831T123600Z") != same)
        let headers = [Self.host, Self.date]
        let one = signing("iam").authorization("POST", path: "/", headers: headers, body: [1], at: Self.moment)
        let two = signing("iam").authorization("POST", path: "/", headers: headers, body: [2], at: Self.moment)
        #expect(one != two)
    }

    @Test("ListUsers is signed as the documentation's example says, step by step")
    func listUsers() {
        let headers = [
            (name: "host", value: "iam.amazonaws.com"), Self.date,
            (name: "content-type", value: "application/x-www-form-urlencoded; charset=utf-8"),
        ]
        let query = "Action=ListUsers&Version=2010-05-08"
        let request = SignatureV4.canonicalRequest("GET", "/", query, headers, [])
        #expect(
            SHA256.hexadecimal(SHA256.digest(Array(request.utf8)))
                == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59")
        let key = signing("iam").signingKey(day: "20150830").withBytes { $0.array }
        #expect(SHA256.hexadecimal(key) == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
        let value = signing("iam").authorization(
            "GET", path: "/", query: query, headers: headers, body: [], at: Self.moment)
        #expect(
            value == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                + "SignedHeaders=content-type;host;x-amz-date, "
                + "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
    }

    @Test(
        "The test suite's requests have the signatures that it gives",
        arguments: [
            ("GET", "", false, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "GET", "Param1=value1&Param2=value2", false, "",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
            ("POST", "", false, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "POST", "", true, "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
            ),
        ])
    func suite(method: String, query: String, isForm: Bool, body: String, signature: String) {
        var headers = [Self.date, Self.host]
        if isForm { headers.append(("content-type", "application/x-www-form-urlencoded")) }
        let value = signing("service").authorization(
            method, path: "/", query: query, headers: headers, body: Array(body.utf8), at: Self.moment)
        #expect(value.hasSuffix("Signature=\(signature)"))
    }

    @Test("A moment is spelled in UTC", arguments: [(1_440_938_160_999, "20150830T123600Z"), (0, "19700101T000000Z")])
    func moment(milliseconds: Int64, text: String) {
        #expect(SignatureV4.moment(milliseconds) == text)
    }

    @Test("HMAC-SHA-256 gives the codes of RFC 4231")
    func codes() {
        func code(_ message: [UInt8], _ key: [UInt8]) -> String {
            let key = key.withUnsafeRawSpan { WipedBytes(copying: $0) }
            return SHA256.hexadecimal(SHA256.code(message, key: key).withBytes { $0.array })
        }
        #expect(
            code(Array("what do ya want for nothing?".utf8), Array("Jefe".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            code(
                Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
                [UInt8](repeating: 0xaa, count: 131))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }
}
