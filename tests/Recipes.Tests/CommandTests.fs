/// The command as a user meets it: a process of its own, its exit code, what it says, and what it leaves behind.
module Recipes.Tests.CommandTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading
open Expecto
open Recipes.Tests.Support

let private command = Path.Combine(root, "bin", "Recipes.Cli.dll")
let private tiny = Path.Combine(root, "tests", "Recipes.Tests", "tiny.fsx")

let private start (folder: string) (arguments: string seq) =
    let info =
        ProcessStartInfo(
            "dotnet",
            Seq.append [ command ] arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    info.Environment["RECIPES_ROOT"] <- root
    Process.Start info

let private run folder arguments =
    use child = start folder arguments
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result

let private expectError folder code (fragments: string list) arguments =
    let exit, output, errors = run folder arguments
    let line = String.Join(" ", (arguments: string list))
    Expect.equal exit code $"exit code of {line}: {errors}"
    Expect.isFalse (errors.Contains "   at ") $"no stack trace: {errors}"

    for fragment in fragments do
        Expect.stringContains (output + errors) fragment line

/// The run folder's results that must not depend on interruptions.
let private outcome (folder: string) =
    let result = Path.Combine(folder, "arms", "only", "seed-0", "result.json")
    use json = JsonDocument.Parse(File.ReadAllText result)

    let number (name: string) =
        json.RootElement.GetProperty("numbers").GetProperty(name).GetDouble()

    let weights =
        File.ReadAllBytes(Path.Combine(folder, "arms", "only", "seed-0", "folded.safetensors"))

    let metrics = File.ReadAllLines(Path.Combine(folder, "metrics.jsonl")).Length
    number "top1", number "train_loss", Convert.ToHexString(Security.Cryptography.SHA256.HashData weights), metrics

let private kill9 (child: Process) = child.Kill(entireProcessTree = true)

/// Waits until training is under way: a checkpoint or a metrics row is there.
let private underWay (child: Process) folder =
    let row = Path.Combine(folder, "arms", "only", "seed-0", "metrics.jsonl")
    let started = DateTime.UtcNow

    while not child.HasExited
          && (DateTime.UtcNow - started).TotalSeconds < 60.0
          && not (File.Exists row && FileInfo(row).Length > 200L) do
        Thread.Sleep 5

[<Tests>]
let tests =
    torchTests
        "command"
        [
            testCase "wrong usage exits with 2 and says what is known"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    expectError folder 2 [ "mobileon"; "did you mean mobileone?" ] [ "run"; "mobileon" ]

                    expectError
                        folder
                        2
                        [ "epoch"; "did you mean epochs?"; "lr=fast" ]
                        [ "run"; "mobileone"; "--set"; "epoch=3"; "--set"; "lr=fast" ]

                    expectError folder 2 [ "huge"; "smoke" ] [ "run"; "mobileone"; "--scale"; "huge" ]
                    expectError folder 2 [ "nothing to resume" ] [ "run"; "mobileone"; "--resume" ]
                    expectError folder 2 [ "no such file" ] [ "run"; "none.fsx" ]
                    expectError folder 2 [ "did you mean mobileone_s0?" ] [ "model"; "info"; "mobileone_s0x" ]
                    expectError folder 2 [ "no such file or folder" ] [ "parity"; "nowhere" ]
                    expectError folder 2 [ "unknown" ] [ "data"; "verify"; "imagenet21k" ]
                    expectError folder 2 [] [ "modle" ]
                    Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is left behind")

            testCase "list and model info print what the contract says"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let code, output, _ = run folder [ "list"; "--json" ]
                    Expect.equal code 0 "list"
                    use json = JsonDocument.Parse output

                    Expect.equal
                        (json.RootElement[0].GetProperty("paper").GetProperty("name").GetString())
                        "mobileone"
                        "name"

                    Expect.isGreaterThan (json.RootElement[0].GetProperty("settings").GetArrayLength()) 10 "settings"
                    let _, table, _ = run folder [ "model"; "info"; "mobileone_s0" ]

                    for number in
                        [
                            "5,293,272"
                            "2,078,504"
                            "1,051,935,232"
                            "275,110,400"
                            "88,418"
                            "[1, 1024, 7, 7]"
                        ] do
                        Expect.stringContains table number "the sheet's table")

            testCase "broken data end a run with one clear error"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let broken = Path.Combine(folder, "roots", "cifar10")
                    Directory.CreateDirectory broken |> ignore
                    File.WriteAllBytes(Path.Combine(broken, "train.bin.gz"), [| 1uy; 2uy; 3uy |])
                    File.WriteAllBytes(Path.Combine(broken, "test.bin.gz"), [| 1uy; 2uy; 3uy |])
                    Environment.SetEnvironmentVariable("RECIPES_DATA", Path.Combine(folder, "roots"))

                    try
                        expectError
                            folder
                            2
                            [ "cifar10"; "train.bin.gz"; "cannot be read"; "recipes data get" ]
                            [ "run"; "mobileone"; "--scale"; "smoke"; "--set"; "data=cifar10" ]
                    finally
                        Environment.SetEnvironmentVariable("RECIPES_DATA", null))

            testCase "kill -9 and Ctrl-C lose nothing: resumed runs equal an uninterrupted one bit by bit"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let at name = Path.Combine(folder, name)
                    let code, output, errors = run folder [ "run"; tiny; "--out"; at "whole" ]
                    Expect.equal code 0 (output + errors)
                    Expect.isTrue (File.Exists(Path.Combine(at "whole", "report.html"))) "report"
                    let expected = outcome (at "whole")

                    for name, stop, exit in
                        [
                            "killed", kill9, 137
                            "interrupted",
                            (fun (child: Process) -> Process.Start("kill", [ "-INT"; string child.Id ]).WaitForExit()),
                            130
                        ] do
                        use child = start folder [ "run"; tiny; "--out"; at name ]
                        underWay child (at name)
                        stop child
                        child.WaitForExit()
                        Expect.equal child.ExitCode exit $"{name}: exit code, {child.StandardError.ReadToEnd()}"
                        Expect.isFalse (File.Exists(Path.Combine(at name, "claims.json"))) $"{name}: not finished"
                        let code, output, errors = run folder [ "run"; tiny; "--out"; at name; "--resume" ]
                        Expect.equal code 0 (output + errors)
                        Expect.equal (outcome (at name)) expected name
                        let stray = Directory.GetFiles(at name, "*.tmp", SearchOption.AllDirectories)
                        Expect.isEmpty stray $"{name}: nothing half-written"

                    // The folder now holds a finished run of these settings; others do not mix with it.
                    expectError folder 2 [ "other recipes" ] [ "run"; tiny; "--out"; at "whole"; "--set"; "epochs=2" ])

            testCase "a folder that cannot be written and a script that does not compile exit with 2"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    expectError
                        folder
                        2
                        [ "cannot be written" ]
                        [ "run"; "mobileone"; "--scale"; "smoke"; "--out"; "/proc/recipes" ]

                    let script = Path.Combine(folder, "bad.fsx")
                    File.WriteAllText(script, "let x : int = \"one\"\n")
                    expectError folder 2 [ "bad.fsx(1,"; "does not compile" ] [ "run"; script ])
        ]
