import SecretMemory
import Testing

@testable import Rotators

@Suite("XML replies")
struct ReplyXMLTests {
    @Test(
        "What is not well formed, or more than a reply needs, is refused",
        arguments: [
            "", "text", "<a>", "</a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>x", "<a b></a>", "<a b=c></a>",
            "<a b=\"></a>", "<a>&nbsp;</a>", "<a>&#0;</a>", "<a>&#xd800;</a>", "<a>&#;</a>", "<a>&amp</a>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><![CDATA[x]]></a>", "<a><?php x?></a>",
            "<a>\u{1}</a>", "<a><!-- </a>", "<?xml <a/>",
        ])
    func refused(text: String) {
        #expect(ReplyXML.read(Array(text.utf8)) == nil)
    }

    @Test("Nesting and number have an end")
    func bounds() {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
        }
        #expect(ReplyXML.read(Array(nested(16).utf8)) != nil)
        #expect(ReplyXML.read(Array(nested(17).utf8)) == nil)
        #expect(ReplyXML.read(Array(nested(20_000).utf8)) == nil)
        let many = "<a>" + String(repeating: "<b/>", count: 10_000) + "</a>"
        #expect(ReplyXML.read(Array(many.utf8)) == nil)
        #expect(ReplyXML.read([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]) == nil, "not UTF-8")
    }

    @Test("Elements are found by their names, and text is decoded")
    func read() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- from a server -->
            <x:Reply xmlns:x="urn:x" y='2'>
              <Result><Key/><Value>a&lt;b&amp;&quot;&apos;&gt;&#x4e;&#50;é</Value><Value>second</Value></Result >
            </x:Reply>

            """
        let root = try #require(ReplyXML.read(Array(text.utf8)))
        #expect(root.name == "Reply")
        #expect(root.element("Result", "Value")?.text.disclosedText() == "a<b&\"'>N2é")
        #expect(root.element("Result", "Key")?.text.count == 0)
        #expect(root.element("Result", "Other") == nil)
        #expect(root.element("Result")?.children.count == 3)
    }
}
