module Recipes.Tests.Main

open System
open Expecto

let private run argv =
    let mutable counts = 0, 0, 0

    let count (summary: Impl.TestRunSummary) =
        counts <- summary.passed.Length, summary.failed.Length + summary.errored.Length, summary.ignored.Length

    // The usual printer, and the counts for the last line.
    let printer =
        { Impl.TestPrinters.defaultPrinter with
            summary =
                fun config summary ->
                    async {
                        count summary
                        do! Impl.TestPrinters.defaultPrinter.summary config summary
                    }
        }

    let config =
        [ CLIArguments.Printer(Watchdog.around printer); CLIArguments.Colours 0 ]

    let code = runTestsInAssemblyWithCLIArgs config argv
    let passed, failed, ignored = counts
    Console.Out.Flush()
    Console.WriteLine()
    Console.WriteLine $"{passed} passed, {failed} failed"

    if ignored > 0 then
        eprintfn "%d skipped" ignored

    code

[<EntryPoint>]
let main argv =
    if argv = [| "--probe-onednn" |] then
        Support.probeOneDnn ()
        0
    else
        run argv
