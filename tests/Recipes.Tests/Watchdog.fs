/// Ends the run, with its name, when a test does not end: a hang in CI would otherwise say nothing.
module Recipes.Tests.Watchdog

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Threading
open Expecto

/// Longer than the slowest test on a busy machine.
let limit = TimeSpan.FromMinutes 10.0

let private running = ConcurrentDictionary<string, Stopwatch>()
let private passed = ref 0

/// The names and times of the tests under way, slowest first.
let private underway () =
    running.ToArray()
    |> Array.sortByDescending (fun entry -> entry.Value.Elapsed)
    |> Array.map (fun entry -> $"  {entry.Value.Elapsed.TotalSeconds:F0} s  {entry.Key}")
    |> String.concat "\n"

// What the machine does meanwhile: a child that waits shows here.
let private processes () =
    try
        let start =
            ProcessStartInfo("ps", "-eo pid,ppid,etimes,stat,wchan:24,args --forest", RedirectStandardOutput = true)

        use ps = Process.Start start
        let lines = ps.StandardOutput.ReadToEnd().Split '\n'

        lines
        |> Array.map (fun l -> l.Substring(0, min 160 l.Length))
        |> String.concat "\n"
    with e ->
        e.Message

let private watch () =
    while running.Values |> Seq.forall (fun clock -> clock.Elapsed < limit) do
        Thread.Sleep 1000

    Console.WriteLine
        $"ERR] a test did not end within {limit.TotalMinutes:F0} minutes; under way were:\n{underway ()}\n{processes ()}"

    Console.WriteLine $"\n{passed.Value} passed, 1 failed"
    Console.Out.Flush()
    Process.GetCurrentProcess().Kill(entireProcessTree = true)

/// The printer, and a thread that knows which tests run.
let around (printer: Impl.TestPrinters) =
    Thread(watch, IsBackground = true, Name = "watchdog").Start()

    let ended (name: string) = running.TryRemove name |> ignore

    { printer with
        beforeEach =
            fun name ->
                running[name] <- Stopwatch.StartNew()
                printer.beforeEach name
        passed =
            fun name time ->
                ended name
                Interlocked.Increment passed |> ignore
                printer.passed name time
        ignored =
            fun name reason ->
                ended name
                printer.ignored name reason
        failed =
            fun name reason time ->
                ended name
                printer.failed name reason time
        exn =
            fun name error time ->
                ended name
                printer.exn name error time
    }
