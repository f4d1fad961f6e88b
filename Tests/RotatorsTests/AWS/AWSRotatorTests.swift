import RealServers
import Rotation
import SecretMemory
import TestThreads
import Testing

@testable import Rotators

/// The rotator `aws-iam` against moto, which checks signatures and policies as AWS does.
@Suite("Access keys of AWS, at moto", .blocks)
struct AWSRotatorTests {
    private static let others = [
        "ops/iam": [Sample.field("access_key_id", "AKIAWRONGWRONGWRONG0"), Sample.field("secret_access_key", "wrong")]
    ]

    private func rotator(_ moto: TestMoto, _ more: [String: String] = [:]) throws -> any Rotator {
        let settings = ["user": "app", "region": "eu-central-1", "endpoint": moto.endpoint]
        return try AWSRotatorKind().rotator(settings.merging(more) { $1 })
    }

    private func context(_ moto: TestMoto) -> RotationContext {
        var context = Sample.context
        context.current = pair(moto.beginning.id, moto.beginning.secret)
        return context
    }

    private func pair(_ id: String, _ secret: String) -> Candidate {
        Candidate(
            handle: id,
            fields: [
                Sample.field("access_key_id", id), Sample.field("region", "eu-central-1"),
                Sample.field("secret_access_key", secret),
            ])
    }

    @Test("A wrong secret, an unknown key and a missing right are refusals that need a person")
    func refused() async throws {
        let moto = try TestMoto()
        defer { moto.stop() }
        let rotator = try rotator(moto)
        var wrong = context(moto)
        wrong.current = pair(moto.beginning.id, "not-the-secret")
        #expect(await rotator.create(wrong).fault == "rejected unauthorized")
        wrong.current = pair("AKIAWRONGWRONGWRONG0", moto.beginning.secret)
        #expect(await rotator.create(wrong).fault == "rejected unauthorized")
        #expect(await rotator.list(wrong).fault == "rejected unauthorized")
        #expect(await rotator.retire(pair(moto.beginning.id, ""), wrong).fault == "rejected unauthorized")
        wrong.current = nil
        #expect(await rotator.create(wrong).fault == "rejected missing_field")
        // A manager that is nobody, though the key itself could do it.
        let managed = try self.rotator(moto, ["credential": "ops/iam"])
        var context = context(moto)
        #expect(await managed.create(context).fault == "rejected missing_field")
        context.others = Self.others
        #expect(await managed.create(context).fault == "rejected unauthorized")
        let elsewhere = try self.rotator(moto, ["user": "not-there"])
        #expect(await elsewhere.create(self.context(moto)).fault == "rejected not_found")
        #expect(try moto.keys() == [moto.beginning.id: "Active"])
    }

    @Test("A third access key is not to be had, and the two that are there stay")
    func limit() async throws {
        let moto = try TestMoto()
        defer { moto.stop() }
        let rotator = try rotator(moto)
        let second = try #require(await rotator.create(context(moto)).value)
        #expect(await rotator.create(context(moto)).fault == "rejected limit_reached")
        #expect(try moto.keys() == [moto.beginning.id: "Active", second.handle: "Active"])
    }

    @Test("A new key that nobody knows is waited for, and after five minutes refused")
    func settling() async throws {
        let moto = try TestMoto()
        defer { moto.stop() }
        let rotator = try rotator(moto)
        let unknown = pair("AKIAUNKNOWNUNKNOWN00", "secret")
        var context = context(moto)
        context.now = context.began + AWSRotator.settle - 1
        #expect(await rotator.test(unknown, context).fault == "not done test_failed")
        context.now += 1
        #expect(await rotator.test(unknown, context).fault == "rejected test_failed, another")
        #expect(await rotator.test(pair(moto.beginning.id, "wrong"), context).fault == "rejected test_failed, another")
    }

    @Test("A key that signs in as somebody else is no successor")
    func somebodyElse() async throws {
        let moto = try TestMoto()
        defer { moto.stop() }
        let other = try self.rotator(moto, ["user": "somebody"])
        let current = try #require(context(moto).current)
        #expect(await other.test(current, context(moto)).fault == "rejected test_failed, another")
    }

    @Test("A key makes its successor, which is tested, listed and takes over; the old one is ended")
    func life() async throws {
        let moto = try TestMoto()
        defer { moto.stop() }
        let rotator = try rotator(moto)
        let before = context(moto)
        #expect(await rotator.test(try #require(before.current), before).fault == nil)
        let candidate = try #require(await rotator.create(before).value)
        #expect(rotator.handle(of: candidate.fields) == candidate.handle)
        #expect(candidate.fields.map(\.name) == ["access_key_id", "region", "secret_access_key"])
        #expect(candidate.field("region")?.disclosedText() == "eu-central-1", "other fields stay")
        #expect(await rotator.test(candidate, before).fault == nil)
        let listed = try #require(await rotator.list(before).value).map(\.handle)
        #expect(Set(listed) == [moto.beginning.id, candidate.handle])
        var after = before
        after.current = candidate
        after.previous = before.current
        let old = Candidate(handle: moto.beginning.id, fields: [])
        #expect(await rotator.retire(old, after).fault == nil)
        #expect(try moto.keys() == [candidate.handle: "Active"])
        #expect(await rotator.retire(old, after).fault == nil, "gone already is done")
        #expect(await rotator.test(try #require(before.current), after).fault == "not done test_failed")
    }

    @Test("Another key manages the access keys, where the settings name it")
    func managed() async throws {
        let moto = try TestMoto()
        defer { moto.stop() }
        let rotator = try rotator(moto, ["user": "nobody", "credential": "ops/iam"])
        #expect(rotator.reach.keys == ["ops/iam"])
        var context = context(moto)
        context.others = ["ops/iam": context.current?.fields ?? []]
        context.current = nil
        let made = try #require(await rotator.create(context).value)
        #expect(try moto.keys(of: "nobody").count == 2)
        #expect(await rotator.test(made, context).fault == nil)
        #expect(await rotator.retire(made, context).fault == nil)
        #expect(try moto.keys(of: "nobody").count == 1)
    }
}
