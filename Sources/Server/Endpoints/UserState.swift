import HTTPTypes
import Hub
import Web

extension HubEndpoints {
    /// `POST /user_state`: changes the state of a user.
    var userState: Endpoint { self.backend(.post, "/user_state", UserStateBody.read) { .setUserState($0) } }
}
