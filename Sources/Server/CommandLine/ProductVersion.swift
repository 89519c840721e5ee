/// Which release this is.
package enum ProductVersion {
    package static let text = "0.1.0"
    /// The release of Channelstream whose wire contract is kept.
    package static let contract = "0.7.1"
}
