import Projections

/// What the schemas of bodies and answers are made of.
enum OpenAPISchema {
    static func reference(_ name: String) -> JSONTree {
        ["$ref": .string("#/definitions/\(name)")]
    }

    /// An object that a caller sends: what it says beside these is passed over, or kept, if it is open.
    static func object(required: [String], _ properties: JSONTree, isOpen: Bool = true) -> JSONTree {
        var object: JSONTree = ["type": "object"]
        if !required.isEmpty {
            object = object.adding(["required": .array(required.map(JSONTree.string))])
        }
        return object.adding(["properties": properties, "additionalProperties": .bool(isOpen)])
    }

    /// An object that we send, with all of these but the optional ones.
    static func answer(_ properties: JSONTree, optional: Set<String> = []) -> JSONTree {
        let required = properties.names.filter { !optional.contains($0) }
        let object: JSONTree = ["type": "object", "properties": properties]
        guard !required.isEmpty else { return object }
        return object.adding(["required": .array(required.map(JSONTree.string))])
    }

    static func name(_ maximum: Int, _ description: String? = nil) -> JSONTree {
        let type: JSONTree = ["type": "string", "minLength": 1, "maxLength": .integer(maximum)]
        return description.map { type.adding(["description": .string($0)]) } ?? type
    }

    static func text(_ description: String) -> JSONTree {
        ["type": "string", "description": .string(description)]
    }

    static func uuid(_ description: String) -> JSONTree {
        ["type": "string", "format": "uuid", "description": .string(description)]
    }

    static func dateTime(_ description: String) -> JSONTree {
        ["type": "string", "format": "date-time", "description": .string(description)]
    }

    /// No number of ours is negative.
    static func number(_ description: String, minimum: Int = 0) -> JSONTree {
        ["type": "integer", "minimum": .integer(minimum), "description": .string(description)]
    }

    static func boolean(_ description: String) -> JSONTree {
        ["type": "boolean", "description": .string(description)]
    }

    static func boolean(default value: Bool, _ description: String) -> JSONTree {
        ["type": "boolean", "default": .bool(value), "description": .string(description)]
    }

    static func list(_ item: JSONTree, _ description: String) -> JSONTree {
        ["type": "array", "items": item, "description": .string(description)]
    }

    static let strings: JSONTree = ["type": "array", "items": ["type": "string"]]

    static func map(_ value: JSONTree, _ description: String) -> JSONTree {
        ["type": "object", "description": .string(description), "additionalProperties": value]
    }

    static func state(_ description: String) -> JSONTree {
        Self.map(["description": "A string, a number, a boolean or null", "x-nullable": true], description)
    }

    static let settingsByChannel = Self.map(
        Self.reference("ChannelConfigBody"),
        "Settings by channel, for channels that are created"
    )
}

extension JSONTree {
    /// The same where null may stand too: Swagger 2.0 itself has no word for it.
    var nullable: JSONTree { self.adding(["x-nullable": true]) }

    fileprivate var names: [String] {
        if case .object(let members) = self { members.map(\.name) } else { [] }
    }
}
