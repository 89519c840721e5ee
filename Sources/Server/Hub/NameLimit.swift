/// How many Unicode scalars a name may have; the shortest has one.
enum NameLimit {
    static let user = 512
    static let channel = 256
    static let stateKey = 256
}
