import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /user_state`: changes the state of a user.
    var userState: Endpoint {
        let operation = Operation(
            "user_state",
            "Changes the state of a user",
            takes: "UserStateBody",
            answers: "UserStateReply"
        )
        return self.backend(.post, "/user_state", operation, UserStateBody.read) { .setUserState($0) }
    }
}
