/// How many Unicode scalars a name may have; the shortest has one.
package enum NameLimit {
    package static let user = 512
    package static let channel = 256
    package static let stateKey = 256
}
