/// The command `recipes model bench` as a user meets it.
module Recipes.Tests.BenchCommandTests

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open Expecto
open Recipes.Tests.Support

let private command (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            Path.Combine(root, "bin", "Recipes.Cli.dll") :: "model" :: "bench" :: arguments,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    info.Environment["RECIPES_ROOT"] <- root
    Process.Start info

let private finished (child: Process) =
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result

[<Tests>]
let tests =
    torchTests
        "bench command"
        [
            testCase "the command prints JSON with memory, writes the page, and refuses what is wrong with one error"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let page = Path.Combine(folder, "bench.html")

                    let code, output, errors =
                        [
                            "mobileone_mini"
                            "--resolution"
                            "32"
                            "--fold"
                            "--rounds"
                            "2"
                            "--json"
                            "--html"
                            page
                        ]
                        |> command
                        |> finished

                    Expect.equal code 0 errors
                    use json = JsonDocument.Parse output
                    let rows = json.RootElement.GetProperty "results"
                    Expect.equal (rows.GetArrayLength()) 2 "rows"

                    for row in rows.EnumerateArray() do
                        Expect.isGreaterThan (row.GetProperty("memory").GetInt64()) 100_000L "bytes"

                    Expect.stringContains (File.ReadAllText page) "mobileone_mini" "page"

                    for arguments, fragments in
                        [
                            [ "mobileone_minj" ], [ "did you mean mobileone_mini?" ]
                            [ "mobileone_mini"; "--batch"; "0"; "--rounds"; "0" ], [ "batch 0"; "rounds 0" ]
                            [ "mobileone_mini"; "--engine"; "tensorrt" ], [ "expected torch, onnx or both" ]
                            [ "clip_vit_b_16_image"; "--resolution"; "200" ], [ "patches" ]
                        ] do
                        let code, _, errors = arguments |> command |> finished
                        let line = String.Join(" ", arguments)
                        Expect.equal code 2 line
                        Expect.isFalse (errors.Contains "   at ") errors

                        for fragment in fragments do
                            Expect.stringContains errors fragment line)

            testCase "Ctrl-C ends the command with 130"
            <| fun () ->
                use child =
                    command
                        [
                            "mobileone_mini"
                            "--resolution"
                            "32"
                            "--rounds"
                            "100000000"
                            "--no-memory"
                        ]

                let rec timing () =
                    match child.StandardError.ReadLine() with
                    | null -> failtest "it ended"
                    | line when line.Contains "timing" -> ()
                    | _ -> timing ()

                timing ()
                Process.Start("kill", [ "-INT"; string child.Id ]).WaitForExit()
                let code, _, errors = finished child
                Expect.equal code 130 errors
        ]
