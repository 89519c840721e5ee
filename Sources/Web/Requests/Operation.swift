/// How an endpoint is described in `/openapi.json`, beside what its line of the table says already.
package struct Operation: Sendable {
    package enum Answer: Sendable, ExpressibleByStringLiteral {
        /// JSON of a shape, by the shape's name.
        case shape(String)
        /// Any JSON object.
        case object
        case text
        /// Text, or JSON of a shape for who accepts it.
        case textOr(String)
        /// Bytes of a file.
        case bytes
        /// Another protocol takes over; in words.
        case upgrade(String)

        package init(stringLiteral name: String) { self = .shape(name) }
    }

    package let identifier: String
    package let summary: String
    package var tag: String
    package let parameters: [Parameter]
    /// The shape of the body; nil if there need be none.
    package let takes: String?
    package let isBodyRequired: Bool
    package let answers: Answer
    package let status: Int
    /// Other media types than those that the answer has by its kind.
    package let produces: [String]
    /// Statuses of refusals, beside those that the table brings about.
    package var refusals: [Int]
    /// The same, with reasons that only this one has.
    package let ownRefusals: [Int: String]

    package init(
        _ identifier: String,
        _ summary: String,
        tag: String = "API",
        parameters: [Parameter] = [],
        takes: String? = nil,
        isBodyRequired: Bool = true,
        answers: Answer,
        status: Int = 200,
        produces: [String] = [],
        refusals: [Int] = [],
        ownRefusals: [Int: String] = [:]
    ) {
        self.identifier = identifier
        self.summary = summary
        self.tag = tag
        self.parameters = parameters
        self.takes = takes
        self.isBodyRequired = isBodyRequired
        self.answers = answers
        self.status = status
        self.produces = produces
        self.refusals = refusals
        self.ownRefusals = ownRefusals
    }

    /// The same as one of a group, whose calls may also be refused with these statuses.
    package func of(_ tag: String? = nil, refusing statuses: [Int]) -> Operation {
        var operation = self
        operation.tag = tag ?? operation.tag
        operation.refusals += statuses
        return operation
    }

    /// A parameter in the query or in the path.
    package struct Parameter: Sendable {
        package let place: String
        package let name: String
        package let type: String
        package let description: String
        package let isRequired: Bool
        package let format: String?
        package var bounds: (minimum: Int, maximum: Int?)?

        private init(
            _ place: String,
            _ name: String,
            _ type: String,
            _ description: String,
            _ isRequired: Bool,
            _ format: String?
        ) {
            self.place = place
            self.name = name
            self.type = type
            self.description = description
            self.isRequired = isRequired
            self.format = format
        }

        package static func query(
            _ name: String,
            _ description: String,
            type: String = "string",
            format: String? = nil,
            isRequired: Bool = false
        ) -> Parameter {
            Parameter("query", name, type, description, isRequired, format)
        }

        /// A whole number.
        package static func number(
            _ name: String,
            _ description: String,
            minimum: Int = 0,
            maximum: Int? = nil,
            isRequired: Bool = false
        ) -> Parameter {
            var parameter = self.query(name, description, type: "integer", isRequired: isRequired)
            parameter.bounds = (minimum, maximum)
            return parameter
        }

        /// The variable of a path.
        package static func path(_ name: String, _ description: String, format: String? = nil) -> Parameter {
            Parameter("path", name, "string", description, true, format)
        }
    }
}
