import Hub
import Projections

/// The shapes of the HTTP API's bodies and answers, in the notation of ``ShapeText``.
///
/// It is written by hand beside the schemas, with their limits; a test compares the fields that it names with those that
/// the schemas read.
enum Shapes {
    private static let defaults = ChannelSettings()
    private static let user = "name(\(NameLimit.user))"
    private static let channel = "name(\(NameLimit.channel))"
    private static let stateKey = "name(\(NameLimit.stateKey))"

    static let text = """
        ConnectBody open
          username \(Self.user) Identifier of the user
          conn_id? uuid Identifier of the connection; drawn when it is missing
          channels? [\(Self.channel)] Channels to subscribe to, created when missing
          fresh_user_state? state State of a user who is not known yet
          user_state? state Values merged over the state
          state_public_keys? [\(Self.stateKey)] Keys that others may see; replaces the ones there are
          channel_configs? {ChannelConfigBody} Settings by channel, for channels that are created
          info? InfoOptions
        SubscribeBody open
          conn_id uuid The connection; may come as a query parameter instead
          channels [\(Self.channel)]+ Which channels
          channel_configs? {ChannelConfigBody} Settings by channel, for channels that are created
          info? InfoOptions
        UnsubscribeBody open
          conn_id uuid The connection; may come as a query parameter instead
          channels [\(Self.channel)]+ Which channels
          channel_configs? {ChannelConfigBody} Settings by channel, for channels that are created
          info? InfoOptions
        UserStateBody open
          user \(Self.user) A user who is known
          user_state? state Values merged over the state
          state_public_keys? [\(Self.stateKey)]? Keys that others may see; left out or null keeps the ones there are
        ChannelConfigsBody {ChannelConfigBody} Settings by channel, for channels that are created
        ChannelConfigBody open
          notify_presence? bool(\(Self.defaults.notifyPresence)) Announce who joined and who parted
          store_history? bool(\(Self.defaults.storesHistory)) Keep messages for info
          history_size? number(0...\(UInt32.max)=\(Self.defaults.historySize)) How many messages are kept
          broadcast_presence_with_user_lists? bool(\(Self.defaults.broadcastsUserLists)) With the list of users present
          notify_state? bool(\(Self.defaults.notifyState)) Announce changes of public state
          store_frames? bool(\(Self.defaults.storesFrames)) Keep frames for catch-up
        ChannelInfoBody open
          info InfoOptions
        InfoOptions open
          channels? [\(Self.channel)] Which channels; all when it is missing (/info only)
          exclude_channels? [\(Self.channel)] Which channels not
          include_history? bool(true) Show the messages kept
          include_users? bool(true) Show the users present
          include_connections? bool(false) Without effect
          return_public_state? bool(false) Show only the public part of states
        DisconnectBody open
          conn_id uuid The connection to end
        EraseBody closed
          message? uuid? A message: exactly one of message, user and channel is needed
          user? \(Self.user)? A user
          channel? \(Self.channel)? A channel
          reason name(1024) Why; stays in the log
          ordered_by? name(256)? Who wants it; stays in the log
          forget? bool(false) With a channel: forget it as well
        MessagesBody [MessageBody] Messages to send, in order
        MessageBody open
          channel? \(Self.channel)? The channel it goes to
          pm_users? [\(Self.user)] Only these users get it
          exclude_users? [\(Self.user)] These users do not get it; stronger than pm_users
          no_history? bool(false) Keep it out of the history
          uuid? uuid Identifier of the message; drawn when it is missing
          timestamp? moment When it was said; now when it is missing
          user \(Self.user) Who says it; need not be known
          message? {} What is said: any JSON inside
        MessageEditBody [MessageEdit] Edits, in order
        MessageEdit open
          channel? \(Self.channel)? The channel it goes to
          pm_users? [\(Self.user)] Only these users get it
          exclude_users? [\(Self.user)] These users do not get it; stronger than pm_users
          no_history? bool(false) Keep it out of the history
          uuid uuid The message that is edited
          timestamp? moment Another moment at which it was said
          user? \(Self.user) Another author
          message? {} What is said: any JSON inside
          edited? moment When it was edited; now when it is missing
        MessagesDeleteBody [MessageDelete] Deletions, in order
        MessageDelete open
          channel? \(Self.channel)? The channel it goes to
          pm_users? [\(Self.user)] Only these users get it
          exclude_users? [\(Self.user)] These users do not get it; stronger than pm_users
          no_history? bool(false) Keep it out of the history
          uuid uuid The message that is deleted
        ConnectReply
          conn_id uuid The connection
          username text
          state state All of the user's state
          public_state state What others see of it
          channels [text]
          channels_info ChannelsInfo
        SubscribeReply
          channels [text]
          channels_info ChannelsInfo
          subscribed_to [text]
        UnsubscribeReply
          channels [text]
          channels_info ChannelsInfo
          unsubscribed_from [text]
        UserStateReply
          user_state state All of it
          changed_state [ChangedState] What is different from before
          public_keys [text]
        ChannelsInfo
          channels {Channel} By name
          users [UserInfo] Each user of these channels
        Channel
          uuid uuid Drawn when the channel was made
          name text
          long_name text? Always null
          settings ChannelConfigBody
          history [StoredMessage] Oldest first
          last_active time When something was last said
          total_connections number Connections that are subscribed
          total_users number Users that are present
          users [text]
        Disconnected bool Whether the connection was known
        AdminInfo
          version text
          uptime text As 1 day, 3:04:05
          remembered_user_count number Users that are known
          unique_user_count number Users that are connected
          total_connections number Connections
          total_channels number Channels
          total_messages number Deliveries
          total_unique_messages number Messages
          channels {Channel} By name
          users [ConnectedUser] Who is connected
        EraseReply
          message? uuid The target, if it is a message
          user? text The target, if it is a user
          channel? text The target, if it is a channel
          event number(1)? Number of the content.erased; null if nothing was there
          lines number Events that lost their content
          states number How many of them held values of the user's state
          messages number Messages that had not been deleted
          through number The last event that was looked at
          complete bool Whether nothing is left up to there
          segments [text]
          removed [text]
          kept_elsewhere [text]
        MessagesReply [AcceptedMessage] What was accepted, in order, with defaults
        AcceptedMessage
          type? enum(message,message:edit,message:delete,presence,user_state_change)
          uuid uuid The message
          timestamp? time When it was said
          user? text Who said it
          channel text? Where; null for private ones
          message? object What is said: any JSON inside
          edited? time? When it was edited; null if it was not
          pm_users [text]
          exclude_users [text]
          no_history bool Whether it is kept out of the history
        StoredMessage
          type enum(message,message:edit,message:delete,presence,user_state_change)
          uuid uuid The message
          timestamp time When it was said
          user text Who said it
          channel text? Where; null for private ones
          message? object What is said: any JSON inside
          edited time? When it was edited; null if it was not
          pm_users [text]
          exclude_users [text]
          no_history bool Whether it is kept out of the history
          catchup bool Always false
        Frames [Frame] What happened, in order; empty if nothing
        Frame
          type enum(message,message:edit,message:delete,presence,user_state_change)
          uuid uuid The message
          timestamp? time When it was said
          user? text Who said it
          channel text? Where; null for private ones
          message? object What is said: any JSON inside
          edited? time? When it was edited; null if it was not
          catchup? bool Whether it happened while the client was away
          state? state? Of a presence: what is public of the user's state
          users? [object] Of a presence: who is there
        ChannelHistory
          channel text
          as_of number The last event that counts
          messages [PastMessage] A page of them
          next {number}? The parameter that asks for the next page; null at the end
        MessageLineage
          uuid uuid The message
          lines [LineageLine] In order
          next {number}? The parameter that asks for the next page; null at the end
        InclusionProof
          seq number(1) The line
          index number Of its leaf
          size number(1) Of the log, in lines
          root byte
          hashes [text]
          checkpoint text? The signed note; null where none of this size is recorded
        ConsistencyProof
          from number The smaller size
          from_root byte
          to number The larger size
          to_root byte
          hashes [text]
          checkpoint text? The signed note; null where none of this size is recorded
        MessageProof
          uuid uuid The message
          event text? post, edit, delete or erase
          seq number(1) The line
          erased bool Whether the content is gone
          line text The line, whose bytes are what is hashed
          proof text The text form
        LogOverview
          log text Its id
          node text Who answers
          key text The verifier key that signs here
          checkpoint text A signed note of all lines
          first number(1) The first line that is kept
          end number The last line
          max_body_size number Bytes that a request may have
          segments [LogSegment] In order
        SnapshotOffer
          snapshot text? A signed note; null where there is none yet
        ProposalReceipt
          epoch? number The follower's epoch, if it is known
          number? number Its last proposal that was accepted
          end? number The last line
        LogStatus
          role enum(primary,follower)
          node text
          log text Its id
          end number The last line
          primary? PrimaryStatus
          stalled? text? On a follower: why it takes nothing at present; null if it does
          lag_events? number On a follower
          lag_bytes? number On a follower
          lag_ms? number On a follower
          followers [FollowerStatus] Who follows this node
        Promotion
          promoting bool
          end number The last line
          missing_up_to number? The last line that the primary had shown; null if it is here
        Errors object Field to list of messages, or to an object of the same shape
        Refusal
          request [text] Why
        BadSignature
          request enum(Bad~Signature)
        ChangedState
          key text
          value scalar Any scalar
        UserInfo
          user text
          state state All of it, or what is public
        ConnectedUser
          user text
          uuid uuid Drawn when the user was met
          state state What is public of it
          connections [text]
        PastMessage
          seq number(1) The event
          time time When it was written
          edited bool Whether there are edits
          deleted bool Whether there is a deletion
          erased bool Whether content is gone from the log
          last_edit Mark?
          deletion Mark?
          message StoredMessage
        LineageLine
          seq number(1) The event
          time time When it was written
          type text
          source text The node
          user? text? Who said it, or is named by an edit
          channel? text? Where; null for private ones
          timestamp? time? As it was given
          edited? time? As it was given
          content? {}? What people wrote
        LogSegment
          name text
          size number In bytes
          sealed bool Whether it grows no more
        PrimaryStatus
          url text
          node text? Null before the first contact
          end number The last line
          reachable bool Whether the last contact worked
          last_contact_ms number? How long ago; null before the first
          checkpoint_size number Of the newest checkpoint that was seen
        FollowerStatus
          node text
          end number The last line that it has
          lag_events number Lines that it has not
          last_contact_ms number How long ago
        Mark
          seq number(1) The event
          time time When it was written
        """
}
