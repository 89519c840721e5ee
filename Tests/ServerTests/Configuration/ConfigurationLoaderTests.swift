import Logging
import Testing

@testable import Server
@testable import Web

@Suite("What is set where, and what wins")
struct ConfigurationLoaderTests {
    @Test("without any source, it is the default, on loopback")
    func defaults() throws {
        let configuration = try ConfigurationLoader().finish()
        #expect(configuration == Configuration())
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8000)
        #expect(configuration.limits.maxBodySize == 8_388_608)
        #expect(configuration.limits.maxBatch == 10_000)
        #expect(configuration.trustedProxies == ["127.0.0.1"])
        #expect(configuration.durability == .always)
    }

    @Test("the file counts more than the default, a variable more than the file, an option more than both")
    func precedence() throws {
        var loader = ConfigurationLoader()
        loader.readINI("[channelstream]\nport = 1\nnode_name = a\ndata_dir = x\n", path: "c.ini")
        loader.readEnvironment(["CHANNELSTREAM_PORT": "2", "CHANNELSTREAM_NODE_NAME": "b"])
        #expect(loader.readOptions(["--port", "3"]).isEmpty)
        let configuration = try loader.finish()
        #expect(configuration.port == 3)
        #expect(configuration.nodeName == "b")
        #expect(configuration.dataDirectory == "x")
    }

    @Test("the file that Channelstream 0.7.1 ships is accepted, and says what has no effect")
    func upstreamFile() throws {
        let configuration = try load(
            """
            [channelstream]
            admin_user = admin
            # admin panel password
            admin_secret = admin_secret
            # auth cookie secret, leave empty for random string generated at server start
            cookie_secret =
            # API password
            secret = secret
            port = 8000
            demo = true
            allow_posting_from = 127.0.0.1,
                                 192.168.1.1
            log_level =
            # should require SSL connections?
            enforce_https =
            # enforce https:// in links
            http_scheme =
            """
        )
        #expect(configuration.allowPostingFrom == ["127.0.0.1", "192.168.1.1"])
        #expect(configuration.enforceHTTPS == false)
        #expect(configuration.httpScheme == nil)
        #expect(configuration.logLevel == .info)
        #expect(configuration.notices == [.ignoredKey("demo")])
    }

    @Test(
        "keys of Channelstream's older files are accepted, and have no effect",
        arguments: ["demo", "demo_app_url", "gc_conns_after", "gc_channels_after", "wake_connections_after"]
    )
    func oldKeys(key: String) throws {
        let configuration = try load("[channelstream]\n\(key) = https://example.org\n")
        #expect(configuration.notices == [.ignoredKey(key)])
    }

    @Test("all problems are reported at once, each with its place and what is allowed")
    func allProblems() {
        var loader = ConfigurationLoader()
        loader.readINI("[channelstream]\nporrt = 1\nport = lots\nno sign\n", path: "c.ini")
        loader.readEnvironment(["CHANNELSTREAM_DURABILITY": "maybe"])
        _ = loader.readOptions(["--max-batch=0"])
        let lines = problems(loader)
        #expect(lines.count == 5)
        #expect(lines.contains(#"c.ini:4: "no sign" is no setting; write it as key = value"#))
        #expect(lines.contains(#"c.ini:2: no such setting: "porrt"; did you mean "port"?"#))
        #expect(
            lines.contains(
                #"c.ini:3: "lots" is not possible for port; allowed: a whole number from 0 to 65535"#
            )
        )
        #expect(
            lines.contains(
                #"CHANNELSTREAM_DURABILITY: "maybe" is not possible for durability; allowed: always, interval, os"#
            )
        )
        #expect(
            lines.contains(
                #"--max-batch: "0" is not possible for max_batch; allowed: a whole number from 1 to 100000"#
            )
        )
    }

    @Test("a body may not be set larger than a line of the log can take")
    func largestBody() throws {
        var loader = ConfigurationLoader()
        #expect(loader.readOptions(["--max-body-size=16MiB"]).isEmpty)
        #expect(try loader.finish().limits.maxBodySize == 16 << 20)
        _ = loader.readOptions(["--max-body-size=17MiB"])
        #expect(problems(loader).count == 1)
    }

    @Test("a secret never stands in a message")
    func secretsStaySecret() {
        var loader = ConfigurationLoader()
        loader.readEnvironment(["CHANNELSTREAM_SECRET": "hush\u{1}hush"])
        let lines = problems(loader)
        #expect(lines.count == 1)
        #expect(!lines.joined().contains("hush"))
    }

    @Test("a wrong value writes no line of its own into a message")
    func noInjection() {
        var loader = ConfigurationLoader()
        loader.readEnvironment(["CHANNELSTREAM_PORT": "1\n2\u{1b}[31m"])
        #expect(problems(loader).allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 } })
    }

    @Test("a variable with our prefix that is no setting is told, with the one that may be meant, and has no effect")
    func unknownVariables() throws {
        var loader = ConfigurationLoader()
        loader.readEnvironment([
            "CHANNELSTREAM_URL": "http://127.0.0.1:8000", "CHANNELSTREAM_INI": "c.ini", "HOME": "/root",
            "CHANNELSTREAM_port": "1", "CHANNELSTREAM_SECRETS": "x", "CHANNELSTREAM_HELM_CHART": "x",
        ])
        let configuration = try loader.finish()
        #expect(configuration.port == Configuration().port)
        #expect(
            configuration.notices == [
                .unknownVariable("\"CHANNELSTREAM_HELM_CHART\"", meant: nil),
                .unknownVariable("\"CHANNELSTREAM_SECRETS\"", meant: "CHANNELSTREAM_SECRET"),
                .unknownVariable("\"CHANNELSTREAM_port\"", meant: nil),
            ]
        )
    }

    @Test(
        "a secret that is trimmed is told; other values are trimmed without a word",
        arguments: ["s\n", " s", "s\r\n"]
    )
    func trimmedSecret(text: String) throws {
        var loader = ConfigurationLoader()
        loader.readEnvironment(["CHANNELSTREAM_SECRET": text, "CHANNELSTREAM_NODE_NAME": "a\n"])
        _ = loader.readOptions(["--admin-secret", text])
        loader.readJSON(#"{"cookie_secret": "s\n"}"#)
        let configuration = try loader.finish()
        #expect(configuration.secret == "s" && configuration.adminSecret == "s" && configuration.cookieSecret == "s")
        #expect(
            configuration.notices == [
                .trimmedSecret(.environment(variable: "CHANNELSTREAM_SECRET")),
                .trimmedSecret(.option("--admin-secret")), .trimmedSecret(.json(key: "cookie_secret")),
            ]
        )
        #expect(configuration.notices.first.map { "\($0.message)".contains("trim") } == true)
    }

    @Test("a signature checker other than the default is an error")
    func signatureChecker() throws {
        let accepted = try load("[channelstream]\nsignature_checker = channelstream.utils.DefaultSigner")
        #expect(accepted.signatureChecker == .timestamp)
        var loader = ConfigurationLoader()
        loader.readINI("[channelstream]\nsignature_checker = my.Signer", path: "c.ini")
        #expect(
            problems(loader) == [
                #"c.ini:2: "my.Signer" is not possible for signature_checker;"#
                    + " allowed: only channelstream.utils.DefaultSigner"
            ]
        )
    }

    @Test("a section with a typing error is pointed at")
    func missingSection() {
        var loader = ConfigurationLoader()
        loader.readINI("[chanelstream]\nport = 1", path: "c.ini")
        #expect(
            problems(loader) == [
                "c.ini: has no section [channelstream]; did you mean it where it says [chanelstream]?"
            ]
        )
    }

    @Test("keys of [DEFAULT] count, and other sections do not")
    func sections() throws {
        let configuration = try load(
            "[DEFAULT]\nhere = /srv\nport = 9\n[channelstream]\ndata_dir = %(here)s/x\n[app]\na=1"
        )
        #expect(configuration.port == 9)
        #expect(configuration.dataDirectory == "/srv/x")
    }

    // MARK: Default secrets

    @Test(
        "default secrets are fine where only this machine can connect",
        arguments: ["127.0.0.1", "::1", "localhost", "127.9.9.9"]
    )
    func loopback(host: String) throws {
        var loader = ConfigurationLoader()
        _ = loader.readOptions(["--host", host])
        #expect(try loader.finish().defaultSecretKeys == ["secret", "admin_secret"])
    }

    @Test(
        "default secrets on any other address do not start",
        arguments: ["0.0.0.0", "::", "192.168.1.4", "example.org"]
    )
    func reachable(host: String) {
        var loader = ConfigurationLoader()
        _ = loader.readOptions(["--host", host])
        #expect(
            problems(loader) == [
                "--host: secret and admin_secret still have their documented default, and other machines can reach"
                    + " \(host); set them, or listen on 127.0.0.1, or set allow_default_secrets = true"
            ]
        )
    }

    @Test("one default secret is enough to refuse, and it is named")
    func oneDefaultSecret() {
        var loader = ConfigurationLoader()
        _ = loader.readOptions(["--host=0.0.0.0", "--secret=long and random"])
        #expect(problems(loader).first?.hasPrefix("--host: admin_secret still has its documented default") == true)
    }

    @Test(
        "the nodes' documented secret keeps nobody from starting; it counts only where this machine alone can connect"
    )
    func nodeSecret() throws {
        let configurations: [(options: [String], secret: Secret?)] = [
            ([], "node_secret"), (["--host=0.0.0.0", "--secret=a", "--admin-secret=b"], nil),
            (["--host=0.0.0.0", "--allow-default-secrets"], "node_secret"),
            (["--host=0.0.0.0", "--secret=a", "--admin-secret=b", "--node-secret=c"], "c"), (["--node-secret="], nil),
        ]
        for (options, secret) in configurations {
            var loader = ConfigurationLoader()
            _ = loader.readOptions(options)
            #expect(try loader.finish().effectiveNodeSecret == secret, "\(options)")
        }
    }

    @Test("what backends know is no secret among nodes")
    func nodeSecretOfItsOwn() throws {
        var loader = ConfigurationLoader()
        _ = loader.readOptions(["--secret=a", "--node-secret=a"])
        #expect(problems(loader).first?.hasPrefix("--node-secret: node_secret and secret are the same") == true)
    }

    @Test("own secrets, or an explicit permission, let it start on any address")
    func allowed() throws {
        var own = ConfigurationLoader()
        _ = own.readOptions(["--host=0.0.0.0", "--secret=a", "--admin-secret=b"])
        #expect(try own.finish().defaultSecretKeys.isEmpty)
        var permitted = ConfigurationLoader()
        _ = permitted.readOptions(["--host=0.0.0.0", "--allow-default-secrets"])
        #expect(try permitted.finish().allowDefaultSecrets)
    }

    private func load(_ text: String) throws -> Configuration {
        var loader = ConfigurationLoader()
        loader.readINI(text, path: "c.ini")
        return try loader.finish()
    }

    private func problems(_ loader: ConfigurationLoader) -> [String] {
        do throws(ConfigurationError) {
            _ = try loader.finish()
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}
