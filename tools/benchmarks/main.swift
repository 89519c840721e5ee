// Usage: benchmarks [name prefix], for example `swift run -c release benchmarks rawjson.scan`.
Benchmark.printHeader()
try rawJSONBenchmarks()
try reducerBenchmarks()
if Benchmark.runs("start-up.") { try startUpBenchmarks() }
if Benchmark.runs("commit.") { try commitBenchmarks() }
