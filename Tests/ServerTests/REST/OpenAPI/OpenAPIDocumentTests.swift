import Foundation
import HTTPTypes
import LogValues
import NIOPosix
import RawJSON
import Testing

@testable import FanOut
@testable import Following
@testable import Hub
@testable import Server
@testable import Web

@Suite("/openapi.json")
struct OpenAPIDocumentTests {
    private typealias Object = [String: Any]

    private static func document(basePath: String = "") throws -> [String: Any] {
        let bytes = OpenAPIDocument(version: "1.2.3", AllEndpoints.ofNobody.all).json(basePath: basePath)
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("it is Swagger 2.0, and knows the prefix of a proxy")
    func version() throws {
        let document = try Self.document()
        #expect(document["swagger"] as? String == "2.0")
        #expect(document["basePath"] == nil)
        #expect(try Self.document(basePath: "/live")["basePath"] as? String == "/live")
    }

    @Test("all references lead somewhere, and everything defined is referred to or a body of an item")
    func references() throws {
        let document = try Self.document()
        let definitions = try #require(document["definitions"] as? Object)
        var references = Set<String>()
        Self.collect(document, into: &references)
        #expect(references.isSubset(of: Set(definitions.keys.map { "#/definitions/\($0)" })))
        #expect(references.count == definitions.count)
    }

    @Test("every operation has its own name and answers, every parameter what its kind needs")
    func operations() throws {
        let paths = try #require(try Self.document()["paths"] as? [String: [String: Object]])
        var identifiers: [String] = []
        for (path, operations) in paths {
            for (method, operation) in operations {
                identifiers.append(try #require(operation["operationId"] as? String))
                #expect((operation["responses"] as? Object)?.isEmpty == false)
                for parameter in operation["parameters"] as? [Object] ?? [] {
                    let kind = parameter["in"] as? String
                    #expect(parameter[kind == "body" ? "schema" : "type"] != nil, "\(method) \(path)")
                }
            }
        }
        #expect(Set(identifiers).count == identifiers.count)
        #expect(paths["/ws"] != nil)
        for path in [
            "/log/key", "/log/checkpoint", "/log/proof/inclusion", "/log/proof/consistency", "/message/{uuid}/proof",
        ] {
            #expect(paths[path]?["get"] != nil, "\(path)")
        }
    }

    @Test("every refusal has a body that is described, every signed call its two, every number a least one")
    func refusals() throws {
        let document = try Self.document()
        let paths = try #require(document["paths"] as? [String: [String: Object]])
        for (path, operations) in paths {
            for (method, operation) in operations {
                let responses = try #require(operation["responses"] as? [String: Object])
                for (status, response) in responses where status != "101" {
                    #expect(response["schema"] != nil, "\(method) \(path) \(status)")
                }
                let isSigned = operation["security"] != nil && path != "/admin/admin.json"
                #expect((responses["401"] != nil && responses["403"] != nil) == (isSigned || path == "/ws"), "\(path)")
                if method == "post" { #expect(responses["413"] != nil && responses["415"] != nil, "\(path)") }
            }
        }
        for number in Self.all(document, where: { $0["type"] as? String == "integer" }) {
            #expect(number["minimum"] != nil, "\(number)")
        }
        for object in Self.all(document, where: { $0["required"] is [String] }) {
            let required = try #require(object["required"] as? [String])
            #expect(!required.isEmpty, "Swagger 2.0 has no empty list here: \(object)")
        }
    }

    @Test("every endpoint is described, but for the pages that browsers show")
    func completeness() {
        let undescribed = AllEndpoints.ofNobody.all.filter { $0.operation == nil }.map(\.path.text)
        #expect(
            Set(undescribed) == [
                "/admin", "/api-explorer", "/admin/sign_in", "/admin/sign_out", "/admin/assets/{name}",
                "/static/channelstream/{name}",
            ]
        )
    }

    @Test("no two lines of the table are for the same calls, and only these are for everybody")
    func table() {
        let endpoints = AllEndpoints.ofNobody.all
        #expect(Set(endpoints.map { "\($0.method) \($0.path.text)" }).count == endpoints.count)
        let open = Set(endpoints.filter { $0.access == .everybody }.map(\.path.text))
        #expect(
            open == [
                "/disconnect", "/listen", "/ws", "/log/key", "/admin/sign_in", "/admin/sign_out",
                "/admin/assets/{name}", "/static/channelstream/{name}",
            ]
        )
        let large = Set(endpoints.filter { $0.body == .large }.map(\.access))
        #expect(large == [.backend, .node], "nobody else may fill the memory")
    }

    @Test("the described fields of a body are the ones that its schema knows")
    func fields() throws {
        let definitions = try #require(try Self.document()["definitions"] as? [String: Object])
        try Self.compare(definitions["ConnectBody"], with: ConnectBody.self)
        try Self.compare(definitions["UserStateBody"], with: UserStateBody.self)
        try Self.compare(definitions["ChannelConfigBody"], with: ChannelSettingsBody.self)
        try Self.compare(definitions["ChannelInfoBody"], with: InfoBody.self)
        try Self.compare(definitions["InfoOptions"], with: InfoOptionsBody.self)
        try Self.compare(definitions["MessageDelete"], with: MessageDeleteBody.self)
        for name in ["SubscribeBody", "UnsubscribeBody"] {
            let properties = try Self.properties(definitions[name])
            #expect(Set(properties) == ["conn_id", "channels", "channel_configs", "info"])
        }
        // Whatever else a message carries is kept: what is described must be refused when it is of the wrong type.
        for (name, read) in [
            ("MessageBody", { decode(MessageBody.self, $0).errors != nil }),
            ("MessageEdit", { decode(MessageEditBody.self, $0).errors != nil }),
        ] as [(String, (String) -> Bool)] {
            for property in try Self.properties(definitions[name]) {
                #expect(
                    read(#"{"user": "u", "uuid": "11111111222243338444555555555555", "\#(property)": 5.5}"#),
                    "\(property)"
                )
            }
        }
    }

    /// A described field is looked at; one that is not described is passed over.
    private static func compare<Body: ObjectBody>(_ definition: Object?, with schema: Body.Type) throws {
        for property in try self.properties(definition) {
            guard case .errors(let errors) = decode(Body.self, #"{"\#(property)": [{}], "no such field": 1}"#) else {
                Issue.record("\(Body.self): \(property) may be a list of an object")
                continue
            }
            #expect(errors.contains(#""\#(property)":"#), "\(Body.self): \(property)")
            #expect(!errors.contains("no such field"))
        }
    }

    private static func properties(_ definition: Object?) throws -> [String] {
        try #require(definition?["properties"] as? Object).keys.sorted()
    }

    /// Every object of the document of which something is so.
    private static func all(_ node: Any, where isMeant: (Object) -> Bool) -> [Object] {
        if let object = node as? Object {
            return (isMeant(object) ? [object] : []) + object.values.flatMap { self.all($0, where: isMeant) }
        }
        return (node as? [Any])?.flatMap { self.all($0, where: isMeant) } ?? []
    }

    private static func collect(_ node: Any, into references: inout Set<String>) {
        if let object = node as? Object {
            if let reference = object["$ref"] as? String {
                references.insert(reference)
            }
            for value in object.values {
                self.collect(value, into: &references)
            }
        } else if let list = node as? [Any] {
            for element in list {
                self.collect(element, into: &references)
            }
        }
    }
}

extension AllEndpoints {
    /// The table of a server without a hub, a log or listeners.
    fileprivate static var ofNobody: AllEndpoints {
        let (gate, sink) = (LogGate(), ScriptedSink())
        let lookBack = LookBack(gate: gate, now: { .init(microseconds: 0) })
        let sessions = AdminSessions(user: "admin", password: "x", cookieSecret: "y", now: { 0 })
        return AllEndpoints(
            hub: HubEndpoints(sink: sink, limits: APILimits(), lookBack: lookBack),
            lookBack: lookBack,
            listen: ListenEndpoints(fanOut: FanOut(group: MultiThreadedEventLoopGroup.singleton)),
            evidence: EvidenceEndpoints(gate: gate, sink: sink, isPublic: false),
            log: LogEndpoints(gate: gate, sink: sink, node: "node-1", maxBodySize: 1, following: nil),
            admin: AdminEndpoints(sessions: sessions, sink: sink),
            erase: EraseEndpoint(eraser: Eraser(gate: gate, sink: sink, logger: HistoryLog.logger), maximumDepth: 64)
        )
    }
}
