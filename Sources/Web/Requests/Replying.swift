/// Where the answer to a request goes, and what is added to it on the way; it is called exactly once.
package struct Replying: Sendable {
    private let crossOrigin: CrossOriginHeaders
    private let work: OpenWork
    private let reply: @Sendable (APIResponse) -> Void

    init(crossOrigin: CrossOriginHeaders, work: OpenWork, _ reply: @escaping @Sendable (APIResponse) -> Void) {
        self.crossOrigin = crossOrigin
        self.work = work
        self.reply = reply
    }

    package func callAsFunction(_ response: consuming APIResponse) {
        response.crossOrigin = self.crossOrigin
        self.reply(response)
    }

    package func callAsFunction(_ refusal: Refusal) { self(refusal.response) }

    /// Has a task make the answer.
    package func later(_ make: @escaping @Sendable () async throws(Refusal) -> APIResponse) {
        self.work.answer {
            do throws(Refusal) {
                self(try await make())
            } catch {
                self(error)
            }
        }
    }
}
