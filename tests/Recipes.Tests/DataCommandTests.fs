/// `recipes data verify` and `recipes data preview` of shards, as processes.
module Recipes.Tests.DataCommandTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Recipes.Data
open Recipes.Tests.Support
open Recipes.Tests.ShardDoubles

let private run (folder: string) (arguments: string list) =
    let command = Path.Combine(root, "bin", "Recipes.Cli.dll")

    let info =
        ProcessStartInfo(
            "dotnet",
            command :: arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    info.Environment["RECIPES_ROOT"] <- root
    use child = Process.Start info
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result

[<Tests>]
let tests =
    testList
        "data command"
        [
            testCase "verify exits with 0 for good shards, 1 for damaged ones, 2 for none; preview writes a page"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let shards = Path.Combine(folder, "shards")
                    ShardedWork.Run(shards, 6, 3, facts "t", captioned) |> ignore
                    let code, output, errors = run folder [ "data"; "verify"; "shards" ]
                    Expect.equal code 0 errors
                    Expect.stringContains output "2 shards, 6 samples" "counts"

                    let code, output, errors =
                        run folder [ "data"; "preview"; "shards"; "--count"; "4" ]

                    Expect.equal (code, output.Trim()) (0, "preview-shards.html") errors

                    Expect.stringContains
                        (File.ReadAllText(Path.Combine(folder, "preview-shards.html")))
                        "picture "
                        "captions"

                    let path = Path.Combine(shards, "00000001.tar")
                    File.WriteAllBytes(path, (File.ReadAllBytes path)[..2000])
                    let code, output, _ = run folder [ "data"; "verify"; "shards"; "--json" ]
                    use json = JsonDocument.Parse output

                    let reasons =
                        [
                            for p in json.RootElement.GetProperty("problems").EnumerateArray() ->
                                p.GetProperty("reason").GetString()
                        ]

                    Expect.equal code 1 "damaged"
                    Expect.containsAll reasons [ "cut off"; "wrong size" ] output
                    let code, _, errors = run folder [ "data"; "verify"; "none.tar" ]
                    Expect.equal code 2 "not there"
                    Expect.stringContains errors "none.tar: no such file" "said"
                    Expect.isFalse (errors.Contains "   at ") "no stack trace")
        ]
