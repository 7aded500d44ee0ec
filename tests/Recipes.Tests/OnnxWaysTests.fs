/// The ways to an exported network besides the verb: a step of a recipe, and the commands.
module Recipes.Tests.OnnxWaysTests

open System.Diagnostics
open System.IO
open Expecto
open Recipes.Data
open Recipes.FSharp
open Recipes.Models
open Recipes.Onnx
open Recipes.Reproductions
open Recipes.Training
open Recipes.Tests.Support

let private mini () =
    let model = MobileOne.Mini(3, 8).Build()
    model.eval ()
    model

let private command (arguments: string list) =
    let start =
        ProcessStartInfo(
            "dotnet",
            Path.Combine(root, "bin", "Recipes.Cli.dll") :: "model" :: arguments,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    start.Environment["RECIPES_ROOT"] <- root
    use child = Process.Start start
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result

[<Tests>]
let tests =
    torchTests
        "onnx ways"
        [
            testCase "a recipe exports what it trained, with labels and preprocessing, alike in both languages"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let source = Datasets.Scenes(40, 20)

                    let made =
                        recipe (MobileOne.Mini(10, 4)) {
                            data (images source 32<px> Augment.None 20<image>)
                            train 1<epoch>
                            reparameterize 1e-4
                            export "model.onnx"
                        }

                    let fluent =
                        Recipe
                            .For(MobileOne.Mini(10, 4))
                            .On(source.Sized(32).Augmented(Augment.None).Batched(20))
                            .Train(1)
                            .Reparameterize()
                            .Export("model.onnx")

                    Expect.equal
                        (made.Document.ToJson().ToJsonString())
                        (fluent.Document.ToJson().ToJsonString())
                        "both languages"

                    use outcome = made.Run(TrainOptions(Folder = folder))
                    let graph = Seq.exactlyOne outcome.Exported.Graphs
                    Expect.isLessThan graph.Difference.Value 1e-4 "as trained"
                    use session = OnnxSession.Open(Path.Combine(folder, "model.onnx"))
                    Expect.equal session.Metadata["form"] "folded" "form"
                    Expect.stringContains session.Metadata["preprocessing"] "\"resolution\":32" "size"
                    Expect.stringContains session.Metadata["labels"] "circle" "labels"

                    failsSaying [ "export: expected a name that ends in .onnx, found a.txt" ] (fun () ->
                        made.Export "a.txt" |> ignore)

            testCase "the commands export and convert, and say what they cannot"
            <| fun () ->
                inTemporaryFolder
                <| fun folder ->
                    let path name = Path.Combine(folder, name)

                    let code, out, _ =
                        command
                            [
                                "export"
                                "mobileone_mini"
                                path "a.onnx"
                                "--fold"
                                "--check"
                                "--classes"
                                "7"
                                "--resolution"
                                "64"
                            ]

                    Expect.equal code 0 out
                    Expect.stringContains out "difference" "checked"
                    use model = mini ()
                    Recipes.Weights.StateDict.Save(model, path "a.safetensors")

                    let code, out, _ =
                        command
                            [
                                "convert"
                                path "a.safetensors"
                                path "b.onnx"
                                "--model"
                                "mobileone_mini"
                                "--classes"
                                "3"
                            ]

                    Expect.equal code 2 "Mini of another width"
                    let code, _, errors = command [ "convert"; path "a.safetensors"; path "b.onnx" ]
                    Expect.equal code 2 errors
                    Expect.stringContains errors "--model" "what is missing"

                    let code, _, errors =
                        command [ "export"; "mobileone_mini"; path "c.onnx"; "--opset"; "99" ]

                    Expect.equal code 2 errors
                    Expect.stringContains errors "opset 99" "which"
                    ignore out
        ]
