import Testing

@testable import Server

@Suite("The admin cookie")
struct AdminCookieTests {
    private let signer = AdminCookieSigner(cookieSecret: Array("key".utf8), user: "admin", password: "pass")
    private let cookie = AdminCookie(
        issued: 1_700_000_000_123,
        expires: 1_700_043_200_123,
        session: AdminSessionID(high: 1, low: .max)
    )

    @Test("a cookie of ours reads back as it was made")
    func roundTrip() {
        #expect(self.signer.cookie(from: self.signer.text(of: self.cookie)) == self.cookie)
    }

    @Test("its text needs no quoting in a header")
    func text() {
        let text = self.signer.text(of: self.cookie)
        #expect(text.utf8.count == 87)
        #expect(text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
    }

    @Test("a change of any bit voids it")
    func everyBit() {
        let text = Array(self.signer.text(of: self.cookie).utf8)
        let original = self.cookie
        for index in text.indices {
            for bit in 0..<8 {
                var changed = text
                changed[index] ^= 1 << bit
                // The last character has two bits that mean nothing; with them changed, it is still the same cookie.
                let read = self.signer.cookie(from: String(decoding: changed, as: UTF8.self))
                #expect(read == nil || (read == original && index == text.count - 1), "byte \(index), bit \(bit)")
            }
        }
    }

    @Test(
        "what is no cookie is none",
        arguments: [
            "", "x", String(repeating: "A", count: 87),
            String(repeating: "f", count: 128) + "admin!userid_type:b64unicode",
            String(repeating: "A", count: 100_000), "é",
        ]
    )
    func garbage(text: String) {
        #expect(self.signer.cookie(from: text) == nil)
        #expect(self.signer.cookie(from: String(self.signer.text(of: self.cookie).dropLast())) == nil)
    }

    @Test(
        "another secret, name or password makes another key",
        arguments: [
            ("other", "admin", "pass"), ("key", "root", "pass"), ("key", "admin", "new"), ("key", "adminp", "ass"),
        ]
    )
    func otherKeys(secret: String, user: String, password: String) {
        let other = AdminCookieSigner(cookieSecret: Array(secret.utf8), user: user, password: password)
        #expect(other.cookie(from: self.signer.text(of: self.cookie)) == nil)
    }
}

@Suite("Sessions that were signed out")
struct RevokedSessionsTests {
    private func cookie(_ number: UInt64, issued: Int64 = 0, expires: Int64 = 1000) -> AdminCookie {
        AdminCookie(issued: issued, expires: expires, session: AdminSessionID(high: 0, low: number))
    }

    @Test("only the one that was signed out is void")
    func single() {
        var revoked = RevokedSessions()
        revoked.insert(self.cookie(1), now: 0)
        #expect(revoked.contains(self.cookie(1)))
        #expect(!revoked.contains(self.cookie(2)))
    }

    @Test("when the table is full, expired ones make room")
    func expiry() {
        var revoked = RevokedSessions(capacity: 2)
        revoked.insert(self.cookie(1, expires: 10), now: 0)
        revoked.insert(self.cookie(2, expires: 20), now: 0)
        revoked.insert(self.cookie(3, expires: 30), now: 15)
        #expect(revoked.contains(self.cookie(2)))
        #expect(revoked.contains(self.cookie(3)))
        #expect(!revoked.contains(self.cookie(4)))
    }

    @Test("when it is full of living ones, all cookies issued until then are void, and later ones are not")
    func overflow() {
        var revoked = RevokedSessions(capacity: 2)
        for number in 1...3 { revoked.insert(self.cookie(UInt64(number), issued: Int64(number)), now: 5) }
        for number in 1...3 { #expect(revoked.contains(self.cookie(UInt64(number), issued: Int64(number)))) }
        #expect(revoked.contains(self.cookie(9, issued: 3)))
        #expect(!revoked.contains(self.cookie(9, issued: 4)))
    }

    @Test("what is written reads back, also when single sessions were given up")
    func text() throws {
        var revoked = RevokedSessions(capacity: 2)
        for number in 1...2 { revoked.insert(self.cookie(UInt64(number), issued: Int64(number)), now: 5) }
        let again = try #require(RevokedSessions(text: revoked.text, capacity: 2))
        #expect(again.contains(self.cookie(1, issued: 1)) && again.contains(self.cookie(2, issued: 2)))
        #expect(!again.contains(self.cookie(3, issued: 3)))
        #expect(again.text == revoked.text)
        revoked.insert(self.cookie(3, issued: 3), now: 5)
        let full = try #require(RevokedSessions(text: revoked.text, capacity: 2))
        #expect(full.contains(self.cookie(9, issued: 3)) && !full.contains(self.cookie(9, issued: 4)))
    }

    @Test("a text that was cut or is another's is not believed")
    func otherTexts() {
        var revoked = RevokedSessions()
        revoked.insert(self.cookie(1), now: 0)
        let text = revoked.text
        for size in 0..<text.utf8.count {
            #expect(
                RevokedSessions(text: String(decoding: text.utf8.prefix(size), as: UTF8.self)) == nil,
                "\(size) bytes"
            )
        }
        #expect(RevokedSessions(text: text.uppercased()) == nil)
    }
}
