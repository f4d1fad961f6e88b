import SecretMemory
import Testing

@testable import Sealing

/// Published vectors, run through the same wrappers that records and slots go through.
@Suite("The primitives")
struct PrimitiveVectorTests {
    @Test("Argon2id gives the tag of RFC 9106, section 5.3")
    func argon2id() throws {
        let tag = try Argon2.derive(
            [UInt8](repeating: 1, count: 32).span.bytes, salt: [UInt8](repeating: 2, count: 16).span.bytes,
            secret: [UInt8](repeating: 3, count: 8).span.bytes,
            associatedData: [UInt8](repeating: 4, count: 12).span.bytes,
            costs: DerivationCosts(memoryKiB: 32, iterations: 3, parallelism: 4)
        ).withBytes { $0.array }
        #expect(hex(tag) == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
    }

    @Test("Argon2 that cannot run says why")
    func argon2Errors() {
        func refusal(salt: Int, memory: UInt32) -> SealingError? {
            failure { () throws(SealingError) in
                try Argon2.derive(
                    [1].span.bytes, salt: [UInt8](repeating: 2, count: salt).span.bytes,
                    costs: DerivationCosts(memoryKiB: memory, iterations: 1, parallelism: 1))
            }
        }
        #expect(refusal(salt: 16, memory: 8) == nil)
        #expect(refusal(salt: 4, memory: 8) == .derivationFailed(-6))
        #expect(refusal(salt: 16, memory: 7) == .derivationFailed(-14))
    }

    @Test("XChaCha20-Poly1305 gives what the draft and Wycheproof say", arguments: AEADVector.valid)
    func valid(vector: AEADVector) throws {
        let nonce = try #require(Bytes24(hex(vector.nonce)))
        let (key, data) = (hex(vector.key), hex(vector.data))
        var sealed: [UInt8] = [0xaa]
        AEAD.seal(
            hex(vector.plaintext).span.bytes, key: key.span.bytes, nonce: nonce, associatedData: data.span.bytes,
            to: &sealed)
        #expect(hex(sealed) == "aa" + vector.ciphertext + vector.tag)
        let ciphertext = Array(sealed[1...])
        let opened = AEAD.open(
            ciphertext.span.bytes, key: key.span.bytes, nonce: nonce, associatedData: data.span.bytes)
        #expect(opened?.array == hex(vector.plaintext))
    }

    @Test("A tag that Wycheproof altered is refused", arguments: AEADVector.alteredTags)
    func alteredTag(tag: String) throws {
        let nonce = try #require(Bytes24(hex("000102030405060708090a0b0c0d0e0f1011121314151617")))
        let key = hex("202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f")
        func open(_ tag: String) -> [UInt8]? {
            AEAD.open(
                hex("b70886f2313d015e1fe741365f5e35f1" + tag).span.bytes, key: key.span.bytes, nonce: nonce,
                associatedData: hex("000102").span.bytes)?.array
        }
        #expect(open(tag) == nil)
        #expect(open("2564a8ce1a360e8352971c8110885031") == Array(0..<16))
    }

    @Test("A ciphertext shorter than a tag is refused")
    func short() {
        for count in 0..<16 {
            let bytes = [UInt8](repeating: 0, count: count)
            let opened = AEAD.open(
                bytes.span.bytes, key: [UInt8](repeating: 0, count: 32).span.bytes, nonce: Bytes24(),
                associatedData: bytes.span.bytes)
            #expect(opened == nil)
        }
    }

    @Test("A hash for one purpose is never a hash for another")
    func purposes() {
        let purposes: [Blake2b.Personalisation] = [
            .slotKey, .commitment, .keyring, .rowID, .path, .sum, .bucket, .recovery,
        ]
        let key = [UInt8](repeating: 7, count: 32)
        let hashes = Set(purposes.map { Blake2b.hash([1, 2, 3].span.bytes, key: key.span.bytes, for: $0) })
        #expect(hashes.count == purposes.count)
    }
}

/// A case of draft-irtf-cfrg-xchacha-03 or of Wycheproof's xchacha20_poly1305_test.json.
struct AEADVector: Sendable, CustomTestStringConvertible {
    let name: String
    let key: String
    let nonce: String
    let data: String
    let plaintext: String
    let ciphertext: String
    let tag: String

    var testDescription: String { name }

    static let valid: [AEADVector] = [
        AEADVector(
            name: "the draft's appendix A.3.1 (Wycheproof 1)",
            key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
            nonce: "404142434445464748494a4b4c4d4e4f5051525354555657",
            data: "50515253c0c1c2c3c4c5c6c7",
            plaintext:
                "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966"
                + "204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f72207468652066757475"
                + "72652c2073756e73637265656e20776f756c642062652069742e",
            ciphertext:
                "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f"
                + "4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f"
                + "76b2383565d3fff921f9664c97637da9768812f615c68b13b52e",
            tag: "c0875924c1c7987947deafd8780acf49"
        ),
        AEADVector(
            name: "Wycheproof 2: nothing at all",
            key: "ab1562faea9f47af3ae1c3d6d030e3af230255dff3df583ced6fbbcbf9d606a9",
            nonce: "6a5e0c4617e07091b605a4de2c02dde117de2ebd53b23497",
            data: "",
            plaintext: "",
            ciphertext: "",
            tag: "e2697ea6877aba39d9555a00e14db041"
        ),
        AEADVector(
            name: "Wycheproof 3: data alone",
            key: "d821dce9b890ea37ae1c89e7cb6aeae9371b8179add0d08f5494718322ae0071",
            nonce: "3ec3f7c45e687d75a895bf5e71809e7cdac32158bb48ec0d",
            data: "8780fb400f94c55d",
            plaintext: "",
            ciphertext: "",
            tag: "966c22d655b9e56326024f028cf887ad"
        ),
        AEADVector(
            name: "Wycheproof 4: a byte",
            key: "303ccb2e1567c3d9f629a5c632dbc62a9a82c525674f67988b31bd1dee990538",
            nonce: "05188738844ab90a8b11beef38eaec3e100d8f4f85ae7a41",
            data: "",
            plaintext: "62",
            ciphertext: "45",
            tag: "d15734f984d749fa3f0550a70c43dddf"
        ),
        AEADVector(
            name: "Wycheproof 5",
            key: "697c197c9e0023c8eee42ddf08c12c46718a436561b0c66d998c81879f7cb74c",
            nonce: "cd78f4533c94648feacd5aef0291b00b454ee3dcdb76dcc8",
            data: "6384f4714ff18c18",
            plaintext: "e1",
            ciphertext: "b0",
            tag: "e5e35f5332f91bdd2d28e59d68a0b141"
        ),
        AEADVector(
            name: "Wycheproof 13",
            key: "48f1389d9222a80898ca26b5cfef5dc82dfc0af7cf66ea1e01bc5279e7414247",
            nonce: "88ccb58d435ea760f19e1fa6172139a071c0c5143959a56c",
            data: "5cbdd482f3429a27",
            plaintext: "945a1fd040",
            ciphertext: "fb5daf8c6e",
            tag: "ec1682b61957493c2eb758d7a2b7a179"
        ),
        AEADVector(
            name: "Wycheproof 21",
            key: "9f093b6bb75f1609ab1e00a4bf4667961d885f01deb6520c5bb16ec21e033766",
            nonce: "a613e0b17fafb47c79614d39959b986ba2c97b0215676d41",
            data: "00fc4f61d9777504",
            plaintext: "472578ece9fe828dc6",
            ciphertext: "a55cbb308f81e449e9",
            tag: "8174bd595da1be72cc226e74c46a4af5"
        ),
        AEADVector(
            name: "Wycheproof 27",
            key: "924aafdb5b8a206b3e49aefe8944918cdcc8ccb5bb4b8c4ee81b847aa6fa52a0",
            nonce: "829cb09e40c2cc5f7648adc177e56ef53a58bfa16a859338",
            data: "a67a57310055b193",
            plaintext: "68576b935acaab8b33ab62e3",
            ciphertext: "2345bfc502f9c62d64ad87f9",
            tag: "6736f095a28b887238f80dc562eaa25c"
        ),
        AEADVector(
            name: "Wycheproof 106",
            key: "73005bc9d00e9688afcb340ea7cf81113d49e33d628e13b89949920102b1a9c1",
            nonce: "367a95373b3f2bd4f2bfb03619368639fcc19eccdeccd04f",
            data: "f15449e7c7810a11609f5da5e33b9085",
            plaintext: "c47c17dcd3efabfe2de42702f27a840f",
            ciphertext: "7732ee206cd5734558c2f05f5bc1907b",
            tag: "4e32369f9ba08950b27b7952c3804fe8"
        ),
        AEADVector(
            name: "Wycheproof 109",
            key: "d92d949112061c11471efa77552daeda52b390efcac420c453c5b8499048983d",
            nonce: "505a1b8d68cc2f77a10ad67cdeea4393a2ea6db590f5be17",
            data: "bb044891ccae7f4f9493b8728293b772613c4ef2c088b3922f14466ea32a7a",
            plaintext: "161dc03e36cee9f246fd3a45481eea46",
            ciphertext: "1351d5642bfa9eaf78efd34733bc0b5c",
            tag: "d666424d2d66969944f2b1a9dba68ebc"
        ),
        AEADVector(
            name: "Wycheproof 111",
            key: "f563e70eefbe6cfd7a0b0d167a8b381fd14105ff4426fa326e9c2e4ca059a53e",
            nonce: "3654bf38ffe7d4dabab310657322af2da359fcaf79a81044",
            data: "c69f4dca85af6c39b5991f9386622f98acdb24f66b785cb3636a212ec13bed601b",
            plaintext: "5133dcb7ed3fa91add15224a4a9d21a9",
            ciphertext: "bb5efe5a45ea17d63eb75509452daf51",
            tag: "31502fc74e063f0636bf9799f02c147a"
        ),
        AEADVector(
            name: "Wycheproof 112",
            key: "7c6410343a2938b9cf2d82419ee8c645fc9ed819b3b2ef876af0b1221ac4590a",
            nonce: "f2f43b87fbb56938060cc9638d3d61ff2ebf26d037e4564e",
            data:
                "760cd62e1d1123fd7d49b670037adb6dae66e7c8a0ca95ffed67a5965a35ca21c0ad9aa069d4edd48b71d5c9"
                + "3077ad",
            plaintext: "998c2e5f2900a0ab445b443b14e343e2",
            ciphertext: "5e8d9d12295525439d0a9fde1a585ca4",
            tag: "5b7be3245ab2cd28d6b8a4b884e7547c"
        ),
        AEADVector(
            name: "Wycheproof 122: a ciphertext of zeros",
            key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
            nonce: "000102030405060708090a0b0c0d0e0f1011121314151617",
            data: "00000000000000000000000000000000",
            plaintext: "60e28a8f89adf230daab792c94dfebe766eda542d7c092d97ccb7501486fc6a3",
            ciphertext: "0000000000000000000000000000000000000000000000000000000000000000",
            tag: "52ca5edfb3c4fca83d5776154188a08d"
        ),
    ]

    /// Of a message of 16 bytes whose tag is 2564a8ce1a360e8352971c8110885031: Wycheproof 166 to 185.
    static let alteredTags = [
        "2464a8ce1a360e8352971c8110885031",
        "2764a8ce1a360e8352971c8110885031",
        "a564a8ce1a360e8352971c8110885031",
        "2565a8ce1a360e8352971c8110885031",
        "2564a84e1a360e8352971c8110885031",
        "2564a8ce1b360e8352971c8110885031",
        "2564a8ce18360e8352971c8110885031",
        "2564a8ce1a360e0352971c8110885031",
        "2564a8ce1a360e8353971c8110885031",
        "2564a8ce1a360e8352b71c8110885031",
        "2564a8ce1a360e8352971d8110885031",
        "2564a8ce1a360e8352971c8111885031",
        "2564a8ce1a360e8352971c8112885031",
        "2564a8ce1a360e8352971c8110885030",
        "2564a8ce1a360e8352971c8110885033",
        "2564a8ce1a360e8352971c8110885071",
        "2564a8ce1a360e8352971c81108850b1",
        "2564a8ce1a360e0352971c81108850b1",
        "00000000000000000000000000000000",
        "ffffffffffffffffffffffffffffffff",
    ]
}
