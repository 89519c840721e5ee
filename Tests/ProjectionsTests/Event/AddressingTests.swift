import Testing

@testable import Projections

@Suite("Who gets a message")
struct AddressingTests {
    private static let users = ["ann", "bob", "cas"].map { UserName($0) }
    /// Every list of these users.
    private static let lists = (0..<8).map { bits in
        users.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element)
    }

    @Test("a user is reached who is in the channel, or named, and not excepted", arguments: Self.lists, Self.lists)
    func reaches(only: [UserName], except: [UserName]) {
        for channel in [nil, ChannelName("room")] {
            let addressing = Addressing(channel: channel, only: only, except: except)
            for user in Self.users {
                let isMeant = only.isEmpty ? channel != nil : only.contains(user)
                #expect(addressing.reaches(user) == (isMeant && !except.contains(user)))
            }
        }
    }

    @Test("for one user and for all, the rule is the same", arguments: Self.lists, Self.lists)
    func agrees(only: [UserName], except: [UserName]) {
        for channel in [nil, ChannelName("room")] {
            let addressing = Addressing(channel: channel, only: only, except: except)
            let reached =
                switch addressing.recipients {
                case .everybody: Self.users
                case .everybodyBut(let excepted): Self.users.filter { !excepted.contains($0) }
                case .users(let users): users
                }
            #expect(reached == Self.users.filter { addressing.reaches($0) })
        }
    }
}
