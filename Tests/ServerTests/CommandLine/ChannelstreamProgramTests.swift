import Synchronization
import Testing

@testable import Following
@testable import Server

@Suite("The command line, from words to an exit status")
struct ChannelstreamProgramTests {
    @Test("without a subcommand it serves, with the defaults")
    func servesByDefault() async {
        let run = await TestRun([])
        #expect(run.status == .success)
        #expect(run.served == Configuration())
    }

    @Test("options of settings work with and without the word serve", arguments: [[], ["serve"]])
    func options(prefix: [String]) async {
        let run = await TestRun(
            prefix + ["--port", "9000", "--data-dir=/tmp/x y", "--debug", "--no-validate-requests"]
        )
        #expect(run.status == .success)
        #expect(run.served?.port == 9000)
        #expect(run.served?.dataDirectory == "/tmp/x y")
        #expect(run.served?.debug == true)
        #expect(run.served?.validateRequests == false)
    }

    @Test("-i, --ini and CHANNELSTREAM_INI name the file; -i wins, and options go before and behind it")
    func files() async {
        let files = ["a.ini": "[channelstream]\nport = 1", "b.ini": "[channelstream]\nport = 2\nnode_name = b"]
        for arguments in [["-i", "b.ini"], ["--ini", "b.ini"], ["--ini=b.ini"], ["serve", "-i", "b.ini"]] {
            let run = await TestRun(arguments, environment: ["CHANNELSTREAM_INI": "a.ini"], files: files)
            #expect(run.served?.port == 2)
        }
        #expect(await TestRun([], environment: ["CHANNELSTREAM_INI": "a.ini"], files: files).served?.port == 1)
        let mixed = await TestRun(["--port", "3", "-i", "b.ini", "--debug"], files: files)
        #expect(mixed.served?.port == 3)
        #expect(mixed.served?.nodeName == "b")
    }

    @Test("follow serves with a primary, its keys and any settings of serve")
    func follows() async {
        let run = await TestRun([
            "follow", "https://hub.example", "--key", "a+1+x", "--key=b+2+y", "--node-name", "two", "--port=9000",
        ])
        #expect(run.status == .success)
        #expect(run.served?.following == FollowedPrimary(url: "https://hub.example", keys: ["a+1+x", "b+2+y"]))
        #expect(run.served?.nodeName == "two" && run.served?.port == 9000)
    }

    @Test("follow needs an address of HTTP", arguments: [[], ["hub.example"], ["ftp://hub"]])
    func followsAnAddress(address: [String]) async {
        #expect(await TestRun(["follow"] + address).status == .usage)
    }

    @Test("a contradiction has a status of its own")
    func contradiction() async {
        let failure = FollowError.contradiction(.shorter(end: 1, seen: 2))
        #expect(await TestRun(["follow", "http://hub"], failure: failure).status == .contradiction)
        #expect(await TestRun(["follow", "http://hub"], failure: FollowError.nameTaken("two")).status == .failure)
    }

    @Test("a directory that follows nobody is not promoted")
    func promotesFollowersOnly() async {
        let run = await TestRun(["promote", "--data-dir", "/nonexistent/hub"])
        #expect(run.status == .failure)
        #expect(run.errors.first?.contains("not a follower") == true)
    }

    @Test("a wrong configuration is status 78, and every problem a line")
    func wrongConfiguration() async {
        let run = await TestRun(["-i", "c.ini", "--port=x"], files: ["c.ini": "[channelstream]\ncolour = red"])
        #expect(run.status == .configuration)
        #expect(run.served == nil)
        #expect(run.errors.count == 2)
        #expect(run.errors.first?.hasPrefix("channelstream: c.ini:2: no such setting") == true)
    }

    @Test("a file that cannot be read is status 78, with its name")
    func missingFile() async {
        let run = await TestRun(["-i", "missing.ini"])
        #expect(run.status == .configuration)
        #expect(run.errors.first?.contains("missing.ini") == true)
    }

    @Test(
        "words that mean nothing are status 64",
        arguments: [
            ["--colour", "red"], ["--prot", "1"], ["extra"], ["--port"], ["serve", "extra"], ["--data-dir", "--debug"],
            ["-x"], ["--no-port"], ["-i"], ["make-config", "--what"],
        ]
    )
    func usage(arguments: [String]) async {
        let run = await TestRun(arguments)
        #expect(run.status == .usage)
        #expect(run.served == nil)
        #expect(!run.errors.isEmpty)
    }

    @Test("a mistyped option is met with a suggestion")
    func suggestion() async {
        let run = await TestRun(["--prot", "1"])
        #expect(run.errors.first == #"channelstream: unknown option "--prot"; did you mean --port?"#)
    }

    @Test("--check says whether the configuration is right, and does not serve")
    func check() async {
        let right = await TestRun(["--check", "--port", "1"])
        #expect(right.status == .success)
        #expect(right.served == nil)
        #expect(await TestRun(["--check", "--host", "0.0.0.0"]).status == .configuration)
    }

    @Test("a server that fails is status 1, with its error")
    func failure() async {
        let run = await TestRun(["--port", "80"], failure: TestFailure())
        #expect(run.status == .failure)
        #expect(run.errors == ["channelstream: port 80 is taken"])
    }

    @Test(
        "--version and -v print the version, --help and help the words",
        arguments: [
            ["--version"], ["-v"], ["--help"], ["serve", "--help"], ["help", "serve"], ["make-config", "--help"],
        ]
    )
    func help(arguments: [String]) async {
        let run = await TestRun(arguments)
        #expect(run.status == .success)
        #expect(run.served == nil)
        #expect(!run.output.isEmpty)
    }

    @Test("serve --help names every setting that has an effect")
    func completeHelp() async {
        let text = await TestRun(["serve", "--help"]).output
        for setting in SettingsTable.all where !setting.isIgnored {
            #expect(text.contains(setting.option + " "), "\(setting.option)")
        }
    }

    // MARK: make-config

    @Test("make-config prints the default file", arguments: ["make-config", "make_config"])
    func printsFile(name: String) async {
        let run = await TestRun([name])
        #expect(run.status == .success)
        #expect(run.output == INITemplate.render(Configuration()))
    }

    @Test("make-config takes values from the environment, and -o writes them")
    func environmentValues() async {
        let run = await TestRun(["make-config", "-o", "new.ini"], environment: ["CHANNELSTREAM_SECRET": "100%"])
        #expect(run.status == .success)
        #expect(run.files["new.ini"]?.contains("\nsecret = 100%%\n") == true)
    }

    @Test("make-config -j takes values from an object instead, and refuses unknown names")
    func jsonValues() async {
        let environment = ["CHANNELSTREAM_PORT": "1"]
        let json = #"{"secret": "s\u00e9", "port": 9000, "debug": true, "allow_posting_from": ["10.0.0.1", "::1"]}"#
        let run = await TestRun(["make-config", "-j", json], environment: environment)
        #expect(run.status == .success)
        for line in ["secret = sé", "port = 9000", "debug = true", "allow_posting_from = 10.0.0.1, ::1"] {
            #expect(run.output.contains("\n\(line)\n"), "\(line)")
        }
        let wrong = await TestRun(["make-config", "--json", #"{"porrt": 1, "port": {}, "debug": null}"#])
        #expect(wrong.status == .configuration)
        #expect(wrong.errors.count == 2)
    }

    @Test(
        "make-config -j with text that is no object is status 78",
        arguments: ["", "{", "[]", "1", #"{"port": 1} x"#]
    )
    func badJSON(json: String) async {
        #expect(await TestRun(["make-config", "-j", json]).status == .configuration)
    }

    @Test("make-config does not overwrite a file unless --force says so")
    func overwriting() async {
        let refused = await TestRun(["make-config", "-o", "c.ini"], files: ["c.ini": "precious"])
        #expect(refused.status == .cannotCreate)
        #expect(refused.files["c.ini"] == "precious")
        let forced = await TestRun(["make-config", "-o", "c.ini", "--force"], files: ["c.ini": "precious"])
        #expect(forced.status == .success)
        #expect(forced.files["c.ini"] != "precious")
    }

    @Test("make-config with wrong values is status 78 and writes nothing")
    func wrongValues() async {
        let run = await TestRun(["make-config", "-o", "c.ini"], environment: ["CHANNELSTREAM_PORT": "x"])
        #expect(run.status == .configuration)
        #expect(run.files.isEmpty)
    }
}

private struct TestFailure: Error, CustomStringConvertible {
    var description: String { "port 80 is taken" }
}

/// One run of the program on files in memory, and what came of it.
private struct TestRun {
    let status: ChannelstreamProgram.ExitStatus
    let output: String
    /// Lines, as they were printed.
    let errors: [String]
    let files: [String: String]
    let served: Configuration?

    private struct World {
        var output = ""
        var errors: [String] = []
        var files: [String: String]
        var served: Configuration?
    }

    private struct FileError: Error, CustomStringConvertible {
        let description: String
    }

    init(
        _ arguments: [String],
        environment: [String: String] = [:],
        files: [String: String] = [:],
        failure: (any Error)? = nil
    ) async {
        let box = Box(World(files: files))
        let surroundings = ChannelstreamProgram.Surroundings(
            environment: environment,
            readFile: { path in
                guard let text = box.world.withLock({ $0.files[path] }) else {
                    throw FileError(description: "\(path): No such file or directory")
                }
                return text
            },
            writeFile: { path, text, replacing in
                try box.world.withLock { world in
                    if world.files[path] != nil, !replacing { throw FileError(description: "\(path): File exists") }
                    world.files[path] = text
                }
            },
            printOut: { text in box.world.withLock { $0.output += text } },
            printError: { text in box.world.withLock { $0.errors.append(text) } }
        )
        let program = ChannelstreamProgram(surroundings: surroundings) { configuration in
            if let failure { throw failure }
            box.world.withLock { $0.served = configuration }
        }
        self.status = await program.run(arguments)
        let world = box.world.withLock { $0 }
        self.output = world.output
        self.errors = world.errors
        self.files = world.files
        self.served = world.served
    }

    private final class Box: Sendable {
        let world: Mutex<World>

        init(_ world: World) {
            self.world = Mutex(world)
        }
    }
}
